// An office whose answers node-soap writes as it writes messages of its own: with parts (MTOM), signed (WS-Security),
// or both. The subject of the letter says which. Key and certificate come from the environment, as paths.
'use strict';
const fs = require('fs');
const http = require('http');
const { HttpClient, WSSecurityCert } = require('soap');

const CONTENT = Buffer.concat([Buffer.from([0, 255, 13, 10, 45, 45]), Buffer.from('نامه'.repeat(25000)), Buffer.from('\r\n--')]);
const INCLUDE = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:receipt@office"/>';

function envelope(file) {
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header></s:Header><s:Body>` +
    `<r:answer xmlns:r="urn:r"><code>0</code><number>000123</number><file>${file}</file></r:answer></s:Body></s:Envelope>`;
}

function signed(xml) {
  const key = fs.readFileSync(process.env.OFFICE_KEY, 'utf8');
  const certificate = fs.readFileSync(process.env.OFFICE_CERTIFICATE, 'utf8');
  return new WSSecurityCert(key, certificate, '').postProcess(xml, 's');
}

function inParts(xml) {
  const part = { mimetype: 'application/octet-stream', contentId: 'receipt@office', name: 'receipt', body: CONTENT };
  const message = new HttpClient().buildRequest('http://office/', xml, { 'Content-Type': 'text/xml' },
    { forceMTOM: true, attachments: [part] });
  return [message.headers['Content-Type'], message.data];
}

const server = http.createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const asked = Buffer.concat(pieces).toString('utf8');
    const text = CONTENT.toString('base64');
    let type = 'text/xml; charset=utf-8';
    let answer = asked.includes('SIGNED') ? signed(envelope(text)) : envelope(text);
    if (asked.includes('CHANGED')) answer = answer.replace('000123', '000124');
    // XOP 1.0, 5.1: what is signed is the content, which then goes into a part.
    if (asked.includes('PARTS')) [type, answer] = inParts(answer.replace(text, INCLUDE));
    response.setHeader('Content-Type', type);
    response.end(answer);
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
