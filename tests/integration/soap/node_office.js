// An office on node-soap: the simulated contract, a book in memory. It echoes what it received in answerText.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const soap = require('soap');

const book = new Map();
const list = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);

function mark(attachment) {
  const content = Buffer.from(attachment.content || '', 'base64');
  return {
    name: attachment.name,
    size: content.length,
    sha256: crypto.createHash('sha256').update(content).digest('hex'),
  };
}

function registration(entry) {
  return { number: entry.number, year: 1405, date: '1405/08/30', documentId: 'D' + entry.number };
}

const office = {
  RegisterLetter(call) {
    if (call.subject.startsWith('FAULT')) {
      throw { Fault: { faultcode: 'Server', faultstring: 'the office broke', statusCode: 500 } };
    }
    const known = book.get(call.key);
    if (known) return { resultCode: 1, resultText: 'ثبت شده', ...registration(known) };
    const entry = {
      number: String(book.size + 1).padStart(6, '0'),
      echo: {
        subject: call.subject,
        body: call.body,
        attachments: list(call.attachments && call.attachments.attachment).map(mark),
      },
    };
    book.set(call.key, entry);
    return { resultCode: 0, resultText: 'ثبت شد', ...registration(entry) };
  },
  FindLetter(call) {
    const entry = book.get(call.key);
    return entry ? { resultCode: 0, ...registration(entry) } : { resultCode: 4 };
  },
  LetterProgress(call) {
    const letter = list(call.keys && call.keys.key)
      .filter((key) => book.has(key))
      .map((key) => ({
        key,
        statusCode: 4,
        ...registration(book.get(key)),
        referrals: { referral: [{ id: '1', unit: 'امور مالی', date: '1405/08/30', confidential: false }] },
        answerText: JSON.stringify(book.get(key).echo),
      }));
    return { letters: { letter } };
  },
  Ping() {
    return { status: 'ok' };
  },
};

const server = http.createServer((request, response) => {
  response.statusCode = 404;
  response.end();
});
server.listen(Number(process.argv[3]), '127.0.0.1', () => {
  soap.listen(server, '/office', { SimulatedOffice: { OfficeSoap: office } }, fs.readFileSync(process.argv[2], 'utf8'));
  console.log('ready');
});
