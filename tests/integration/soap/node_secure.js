// An office that looks at the security header with libraries of others: xml-crypto checks the signature, and the
// password is checked as the profile says. It answers with what it found, or with a fault.
'use strict';
const crypto = require('crypto');
const http = require('http');
const { DOMParser } = require('@xmldom/xmldom');
const { SignedXml } = require('xml-crypto');
const xpath = require('xpath');

const PASSWORD = 'رمز&<';

function text(document, name) {
  const found = xpath.select(`//*[local-name()='${name}']`, document);
  return found.length ? found[0].textContent : null;
}

function passwordIsRight(document) {
  const sent = xpath.select("//*[local-name()='Password']", document)[0];
  if (!sent) return 'absent';
  if (sent.getAttribute('Type').endsWith('#PasswordText')) return sent.textContent === PASSWORD ? 'text' : 'wrong';
  const digest = crypto.createHash('sha1')
    .update(Buffer.from(text(document, 'Nonce'), 'base64'))
    .update(xpath.select("//*[local-name()='UsernameToken']/*[local-name()='Created']", document)[0].textContent)
    .update(PASSWORD)
    .digest('base64');
  return sent.textContent === digest ? 'digest' : 'wrong';
}

function signedParts(document, xml) {
  const signature = xpath.select("//*[local-name()='Signature']", document)[0];
  if (!signature) return [];
  const der = text(document, 'BinarySecurityToken').match(/.{1,64}/g).join('\n');
  const pem = `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`;
  const checker = new SignedXml({ publicCert: pem, idMode: 'wssecurity' });
  checker.loadSignature(signature);
  if (!checker.checkSignature(xml)) return ['broken'];
  return checker.getSignedReferences().map((part) => new DOMParser().parseFromString(part, 'text/xml').documentElement.localName);
}

const server = http.createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const xml = Buffer.concat(pieces).toString('utf8');
    const document = new DOMParser().parseFromString(xml, 'text/xml');
    const expires = text(document, 'Expires');
    const found = {
      password: passwordIsRight(document),
      fresh: expires === null ? null : new Date(expires) > new Date(),
      signed: signedParts(document, xml).sort(),
    };
    response.setHeader('Content-Type', 'text/xml; charset=utf-8');
    response.end(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
      <r><code>0</code><number>${JSON.stringify(found).replace(/&/g, '&amp;').replace(/</g, '&lt;')}</number></r>
      </s:Body></s:Envelope>`);
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
