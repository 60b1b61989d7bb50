<?php
// An office on PHP's SoapServer that speaks rpc/encoded: it tells what it received, and what types the message named.
// Served by `php -S`: the path of the WSDL comes from the environment.
ini_set('soap.wsdl_cache_enabled', '0');

class Office
{
    public function register($letter, $tags)
    {
        $raw = file_get_contents('php://input');
        $files = [];
        foreach ($letter->files as $file) {
            $files[] = [$file->name, hash('sha256', $file->content)];
        }
        $echo = [
            'subject' => $letter->subject,
            'urgent' => $letter->urgent,
            'files' => $files,
            'tags' => $tags,
            'named_types' => substr_count($raw, ':type="') + substr_count($raw, 'arrayType="'),
        ];
        return ['number' => '000007', 'echo' => json_encode($echo), 'names' => ['یک', 'two']];
    }
}

$server = new SoapServer(getenv('OFFICE_WSDL'));
$server->setClass('Office');
$server->handle();
