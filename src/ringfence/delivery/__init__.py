"""Senders of texts, callers and senders of mails, each behind a port: `application.ports.delivery`, `….calls`, `….mail`.

Owns: protocols (SMPP 3.4, SIP, SMTP), the cutting of long texts, waiting and reconnecting, reading receipts, what is said in a
call and how it sounds, which numbers are never dialled, and what each answer of the other side means for the message or the call.
Does not own: whether a text or a call may go out, to whom, how often, and what is done after an answer; what keys mean
(`domain.signin.call_keys`); nor the clock.
Hands to: `application` through its ports, outcomes from `send` and `place`, receipts and progress by the callbacks given at
construction.

A call goes `sip_caller` (its course) -> `phone` (the words for it) <- `sip_phone`, `sip_leg` (the SIP stack, one to a process);
`call_script` says what is said when, `prompts` makes it audible. Programs of the machine: espeak-ng, sox.
"""
