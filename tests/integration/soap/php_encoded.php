<?php
// An office on PHP's SoapServer in rpc style, encoded or literal: it tells what it received, and what types it named.
// Served by `php -S`: the path of the WSDL comes from the environment.
ini_set('soap.wsdl_cache_enabled', '0');

class Office
{
    public function register($letter, $tags)
    {
        $raw = file_get_contents('php://input');
        $files = [];
        foreach ($letter->files->file ?? $letter->files as $file) {
            $files[] = [$file->name, hash('sha256', $file->content)];
        }
        $echo = [
            'subject' => $letter->subject,
            'urgent' => $letter->urgent,
            'files' => $files,
            'tags' => $tags->tag ?? $tags,
            'named_types' => substr_count($raw, ':type="') + substr_count($raw, 'arrayType="')
                + substr_count($raw, 'itemType="'),
            'versions' => [str_contains($raw, '/2003/05/soap-envelope'), str_contains($raw, '/2003/05/soap-encoding')],
        ];
        $names = ['یک', 'two'];
        $isLiteral = isset($letter->files->file) || isset($tags->tag);
        return ['number' => '000007', 'echo' => json_encode($echo), 'names' => $isLiteral ? ['tag' => $names] : $names];
    }
}

$server = new SoapServer(getenv('OFFICE_WSDL'), ['features' => SOAP_SINGLE_ELEMENT_ARRAYS]);
$server->setClass('Office');
$server->handle();
