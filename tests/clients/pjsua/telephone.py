"""A telephone that listens: takes one call, records what is said, and presses keys, on a port of loopback that it chooses.

telephone.py RECORDING.wav KEYS SECONDS: the keys are pressed so many seconds after the call was taken. Tells what happens in
lines of JSON: `ready` with the port, `key` for each that the caller presses, `over`.
"""

import json
import sys
import time

import pjsua2

_RECORDING, _KEYS, _LISTENS = sys.argv[1], sys.argv[2], float(sys.argv[3])
_RINGS, _LONGEST = 0.3, 60.0


def tell(**event):
    print(json.dumps(event), flush=True)


class Call(pjsua2.Call):
    """The call, and since when voice flows."""

    recorder = None
    since = None
    is_over = False

    def onCallState(self, _prm):
        information = self.getInfo()  # to be kept: what it names goes with it
        self.is_over = information.state == pjsua2.PJSIP_INV_STATE_DISCONNECTED

    def onCallMediaState(self, _prm):
        information = self.getInfo()
        for at, media in enumerate(information.media):
            is_voice = media.type == pjsua2.PJMEDIA_TYPE_AUDIO and media.status == pjsua2.PJSUA_CALL_MEDIA_ACTIVE
            if is_voice and self.recorder is None:
                self.recorder = pjsua2.AudioMediaRecorder()
                self.recorder.createRecorder(_RECORDING)
                self.getAudioMedia(at).startTransmit(self.recorder)
                self.since = time.monotonic()

    def onDtmfDigit(self, prm):
        tell(event="key", key=prm.digit)


class Account(pjsua2.Account):
    """Rings at the first call."""

    call = None
    rung_at = 0.0

    def onIncomingCall(self, prm):
        self.call = Call(self, prm.callId)
        self.rung_at = time.monotonic()
        self.answer(180)

    def answer(self, status):
        parameters = pjsua2.CallOpParam()
        parameters.statusCode = status
        self.call.answer(parameters)


def telephone():
    endpoint = pjsua2.Endpoint()
    endpoint.libCreate()
    settings = pjsua2.EpConfig()
    settings.logConfig.level = settings.logConfig.consoleLevel = 1
    settings.uaConfig.threadCnt = 0
    settings.medConfig.clockRate = settings.medConfig.sndClockRate = 8000
    endpoint.libInit(settings)
    transport = pjsua2.TransportConfig()
    transport.boundAddress = "127.0.0.1"
    made = endpoint.transportCreate(pjsua2.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    return endpoint, endpoint.transportGetInfo(made).localName.rpartition(":")[2]


def main():
    endpoint, port = telephone()
    account, settings = Account(), pjsua2.AccountConfig()
    settings.idUri = f"sip:telephone@127.0.0.1:{port}"
    settings.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    account.create(settings)
    tell(event="ready", port=int(port))
    until, is_taken, is_pressed = time.monotonic() + _LONGEST, False, False
    while time.monotonic() < until and not (account.call and account.call.is_over):
        endpoint.libHandleEvents(10)
        if account.call and not is_taken and time.monotonic() - account.rung_at > _RINGS:
            is_taken = True
            account.answer(200)
        if account.call and account.call.since and not is_pressed and time.monotonic() - account.call.since > _LISTENS:
            is_pressed = True
            account.call.dialDtmf(_KEYS)
    account.call = None
    endpoint.libDestroy()  # closes the recording
    tell(event="over")


main()
