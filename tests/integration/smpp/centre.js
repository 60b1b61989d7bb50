// A message centre on node-smpp. It prints what it hears, one JSON for each line, and does as the texts say.
'use strict';
const smpp = require('smpp');
const [secret] = process.argv.slice(2);
const kept = []; // deliver_sm that nobody has acknowledged
let count = 0x1f00;
let session = null;

function say(what, facts) { console.log(JSON.stringify({ what, ...facts })); }

function bring(fields) {
  const entry = { fields };
  kept.push(entry);
  offer(entry);
}

function offer(entry) {
  if (!session) return;
  session.deliver_sm({ ...entry.fields }, (answer) => {
    say('acknowledged', { status: answer.command_status });
    if (answer.command_status === 0) kept.splice(kept.indexOf(entry), 1);
    else offer(entry);
  });
}

function receipt(pdu, id) {
  // As many centres do it: hexadecimal in the answer, decimal in the receipt.
  const text = `id:${parseInt(id, 16)} sub:001 dlvrd:001 submit date:2611212030 done date:2611212031 stat:DELIVRD err:000 text:`;
  return { source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4, short_message: text };
}

function answer(pdu) {
  const length = 60;
  const text = 'پاسخ به: ' + pdu.short_message.message.repeat(12);
  const total = Math.ceil(text.length / length);
  for (let number = total; number > 0; number--) { // the last part first
    bring({
      source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, data_coding: 8, esm_class: 0x40,
      short_message: {
        udh: Buffer.from([5, 0, 3, 7, total, number]),
        message: text.slice((number - 1) * length, number * length),
      },
    });
  }
  say('answered', { text });
}

const server = smpp.createServer({}, (line) => {
  line.on('error', (error) => say('error', { message: error.message }));
  line.on('close', () => { if (session === line) session = null; });
  line.on('bind_transceiver', (pdu) => {
    if (pdu.password !== secret) {
      line.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
      line.close();
      return;
    }
    line.send(pdu.response({ system_id: 'centre' }));
    session = line;
    line.systemId = pdu.system_id;
    say('bound', { system_id: pdu.system_id, version: pdu.interface_version });
    kept.forEach(offer);
  });
  line.on('enquire_link', (pdu) => line.send(pdu.response()));
  line.on('unbind', (pdu) => { say('unbound', { system_id: line.systemId }); line.send(pdu.response()); line.close(); });
  line.on('query_sm', (pdu) => {
    line.send(pdu.response({ message_id: pdu.message_id, message_state: smpp.MESSAGE_STATE.ENROUTE }));
  });
  line.on('submit_sm', (pdu) => {
    const id = (count++).toString(16).toUpperCase();
    const udh = pdu.short_message.udh;
    const text = pdu.short_message.message;
    say('text', {
      to: pdu.destination_addr, from: pdu.source_addr, coding: pdu.data_coding, text,
      header: udh ? Buffer.concat([].concat(udh).map((each) => Buffer.from(each))).toString('hex') : '',
      wants_receipt: pdu.registered_delivery === 1,
    });
    if (text === 'slower') return line.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    if (text === 'hang up') return line.destroy();
    line.send(pdu.response({ message_id: id }));
    if (text === 'answer me') answer(pdu);
    if (text === 'later') { line.destroy(); session = null; }
    if (pdu.registered_delivery === 1) bring(receipt(pdu, id));
  });
});
server.listen(0, '127.0.0.1', () => say('listening', { port: server.address().port }));
