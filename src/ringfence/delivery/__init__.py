"""Senders of texts behind one port, `application.ports.delivery`.

Owns: protocols (SMPP 3.4), the cutting of long texts, waiting and reconnecting, reading receipts, and what each answer of the
other side means for the message.
Does not own: whether a text may be sent, to whom, how often, and what is done after an answer; nor the clock.
Hands to: `application` through its port, outcomes from `send` and receipts by the callback given at construction.
"""
