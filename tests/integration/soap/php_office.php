<?php
// An office on PHP's SoapServer: the simulated contract, a book in a file. It echoes what it received in answerText.
// Served by `php -S`: the path of the WSDL and of the book come from the environment.
ini_set('soap.wsdl_cache_enabled', '0');

class Office
{
    private array $book;

    public function __construct()
    {
        $this->book = json_decode(@file_get_contents(getenv('OFFICE_BOOK')) ?: '{}', true);
    }

    public function RegisterLetter($call)
    {
        if (str_starts_with($call->subject, 'FAULT')) {
            throw new SoapFault('Server', 'the office broke');
        }
        if (isset($this->book[$call->key])) {
            return ['resultCode' => 1] + $this->registration($call->key);
        }
        $marks = [];
        foreach ($call->attachments->attachment ?? [] as $attachment) {
            $marks[] = [
                'name' => $attachment->name,
                'size' => strlen($attachment->content),
                'sha256' => hash('sha256', $attachment->content),
            ];
        }
        $this->book[$call->key] = [
            'number' => sprintf('%06d', count($this->book) + 1),
            'echo' => ['subject' => $call->subject, 'body' => $call->body, 'attachments' => $marks],
        ];
        file_put_contents(getenv('OFFICE_BOOK'), json_encode($this->book));
        return ['resultCode' => 0, 'resultText' => 'ثبت شد'] + $this->registration($call->key);
    }

    public function FindLetter($call)
    {
        return isset($this->book[$call->key])
            ? ['resultCode' => 0] + $this->registration($call->key)
            : ['resultCode' => 4];
    }

    public function LetterProgress($call)
    {
        $letters = [];
        foreach ($call->keys->key ?? [] as $key) {
            if (isset($this->book[$key])) {
                $letters[] = ['key' => $key, 'statusCode' => 4] + $this->registration($key) + [
                    'referrals' => ['referral' => [
                        ['id' => '1', 'unit' => 'امور مالی', 'date' => '1405/08/30', 'confidential' => false],
                    ]],
                    'answerText' => json_encode($this->book[$key]['echo']),
                ];
            }
        }
        return ['letters' => ['letter' => $letters]];
    }

    public function Ping()
    {
        return ['status' => 'ok'];
    }

    private function registration($key)
    {
        $number = $this->book[$key]['number'];
        return ['number' => $number, 'year' => 1405, 'date' => '1405/08/30', 'documentId' => 'D' . $number];
    }
}

$server = new SoapServer(getenv('OFFICE_WSDL'), ['features' => SOAP_SINGLE_ELEMENT_ARRAYS]);
$server->setClass('Office');
$server->handle();
