"""The senders, over real wires on loopback: an SMSC on Node, and servers in HTTP."""
