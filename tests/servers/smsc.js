// A message centre (SMSC) for tests, on the npm package `smpp`, which shares no code with our client.
//
//   node smsc.js '{"port": 0, "user": "ringfnce", "password": "secret", "tls": {"key": "key.pem", "cert": "cert.pem"}}'
//
// Listens on 127.0.0.1 only. Each line on standard output is one event in JSON; the first one tells the port.
// The last three digits of a number say how it behaves; see BEHAVIOURS.
'use strict'

const fs = require('node:fs')
const smpp = require('smpp')

const settings = JSON.parse(process.argv[2])
const tell = event => process.stdout.write(`${JSON.stringify(event)}\n`)

const RECEIPT = 0x04 // esm_class: an SMSC delivery receipt (SMPP 3.4, 5.2.12)
const STATES = { DELIVRD: 2, UNDELIV: 5, ENROUTE: 1 } // message_state (5.2.28)
let messages = 0
const tries = new Map()

// What becomes of a submit_sm, by the end of its number. A status refuses it; `receipts` follow it; `times` makes the
// refusal end after so many tries.
const USUAL = { receipts: ['DELIVRD'] }
const BEHAVIOURS = {
  101: { status: smpp.ESME_RTHROTTLED, times: 2, receipts: ['DELIVRD'] },
  102: { status: smpp.ESME_RMSGQFUL, times: 1, receipts: ['DELIVRD'] },
  103: { status: smpp.ESME_RINVDSTADR },
  104: { receipts: ['ENROUTE', 'UNDELIV'] },
  105: { receipts: [] },
  106: { isMute: true },
  107: { cuts: true },
  108: { receipts: ['DELIVRD'], isTextual: true },
  109: { receipts: ['DELIVRD'], isTagged: true },
  110: { throttlesPart: 2, receipts: ['DELIVRD'] },
  111: { status: smpp.ESME_RSYSERR },
  112: { nack: smpp.ESME_RTHROTTLED },
  113: { isSlow: true }
}

function refusalOf (behaviour, number, part) {
  if (behaviour.throttlesPart === part) return smpp.ESME_RTHROTTLED
  if (behaviour.status === undefined) return smpp.ESME_ROK
  const made = (tries.get(number) ?? 0) + 1
  tries.set(number, made)
  return made > (behaviour.times ?? Infinity) ? smpp.ESME_ROK : behaviour.status
}

function receiptOf (pdu, id, state, behaviour) {
  const text = `id:${id} sub:001 dlvrd:001 submit date:2611240000 done date:2611240001 stat:${state} err:000 text:`
  const tags = { receipted_message_id: id, message_state: STATES[state] }
  return {
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    esm_class: RECEIPT,
    short_message: behaviour.isTagged ? '' : text,
    ...(behaviour.isTextual ? {} : tags)
  }
}

function take (session, pdu) {
  const number = pdu.destination_addr
  const behaviour = BEHAVIOURS[number.slice(-3)] ?? USUAL
  if (behaviour.isSlow) {
    session.underWay = (session.underWay ?? 0) + 1
    tell({ event: 'slow', underWay: session.underWay })
    setTimeout(() => {
      session.underWay -= 1
      session.send(pdu.response({ message_id: `s${pdu.sequence_number}` }))
    }, 20)
    return
  }
  const header = (pdu.short_message.udh ?? []).map(element => Buffer.from(element).toString('hex')).join('')
  const part = header === '' ? 1 : parseInt(header.slice(-2), 16)
  tell({
    event: 'submit',
    number,
    text: pdu.short_message.message,
    header,
    source: [pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi],
    destination: [pdu.dest_addr_ton, pdu.dest_addr_npi],
    coding: pdu.data_coding,
    wantsReceipt: pdu.registered_delivery,
    secondsLeft: Math.round((pdu.validity_period - Date.now()) / 1000)
  })
  if (behaviour.isMute) return
  if (behaviour.cuts) {
    session.destroy()
    return
  }
  if (behaviour.nack !== undefined) {
    session.send(new smpp.PDU('generic_nack', { sequence_number: pdu.sequence_number, command_status: behaviour.nack }))
    return
  }
  const status = refusalOf(behaviour, number, part)
  if (status !== smpp.ESME_ROK) {
    session.send(pdu.response({ command_status: status }))
    return
  }
  messages += 1
  const id = `m${messages}`
  session.send(pdu.response({ message_id: id }))
  if (pdu.registered_delivery & 1) {
    for (const state of behaviour.receipts) session.deliver_sm(receiptOf(pdu, id, state, behaviour))
  }
}

function serve (session) {
  session.on('error', () => {})
  session.on('close', () => tell({ event: 'close' }))
  session.on('bind_transceiver', pdu => {
    const isRight = pdu.system_id === settings.user && pdu.password === settings.password
    session.send(pdu.response({ command_status: isRight ? smpp.ESME_ROK : smpp.ESME_RINVPASWD, system_id: 'centre' }))
    tell({ event: isRight ? 'bind' : 'refuse' })
    if (!isRight) session.close()
  })
  session.on('enquire_link', pdu => {
    tell({ event: 'enquire' })
    session.send(pdu.response())
  })
  session.on('unbind', pdu => {
    tell({ event: 'unbind' })
    session.send(pdu.response())
    session.close()
  })
  session.on('submit_sm', pdu => take(session, pdu))
}

const security = settings.tls && { tls: true, key: fs.readFileSync(settings.tls.key), cert: fs.readFileSync(settings.tls.cert) }
const server = smpp.createServer(security ?? {}, serve)
server.on('error', error => {
  tell({ event: 'error', code: error.code })
  process.exit(1)
})
server.listen(settings.port, '127.0.0.1', () => tell({ event: 'listen', port: server.address().port }))
