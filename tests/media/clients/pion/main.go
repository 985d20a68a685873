// A client made with pion, on standard input and output: a line of JSON is a message.
//
// It publishes a microphone and a camera, answers what it is offered, and sends back whatever it hears and sees.
// Nothing waits for candidates, and none are sent. The argument is its a=setup in answers: active or passive.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
	"sync/atomic"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"
)

type message struct {
	Publish string            `json:"publish,omitempty"`
	Sources map[string]string `json:"sources,omitempty"`
	Offer   string            `json:"offer,omitempty"`
	Answer  string            `json:"answer,omitempty"`
}

var codecs = map[string]webrtc.RTPCodecCapability{
	"mic":    {MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2},
	"camera": {MimeType: webrtc.MimeTypeVP8, ClockRate: 90000},
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func tell(m message) {
	line, err := json.Marshal(m)
	must(err)
	_, err = os.Stdout.Write(append(line, '\n'))
	must(err)
}

func connection(role webrtc.DTLSRole) *webrtc.PeerConnection {
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	must(settings.SetAnsweringDTLSRole(role))
	media := &webrtc.MediaEngine{}
	must(media.RegisterDefaultCodecs())
	made, err := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(settings)).
		NewPeerConnection(webrtc.Configuration{})
	must(err)
	return made
}

func main() {
	role := webrtc.DTLSRoleClient
	if os.Args[1] == "passive" {
		role = webrtc.DTLSRoleServer
	}
	sending, receiving := connection(role), connection(role)
	var picture atomic.Uint32 // SSRC of what is seen

	ours := map[webrtc.RTPCodecType]*webrtc.TrackLocalStaticRTP{}
	transceivers := map[string]*webrtc.RTPTransceiver{}
	for source, codec := range codecs {
		track, err := webrtc.NewTrackLocalStaticRTP(codec, source, "mine")
		must(err)
		transceiver, err := sending.AddTransceiverFromTrack(
			track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		must(err)
		ours[track.Kind()], transceivers[source] = track, transceiver
		go func() {
			for {
				reports, _, err := transceiver.Sender().ReadRTCP()
				if err != nil {
					return
				}
				for _, report := range reports {
					if _, wanted := report.(*rtcp.PictureLossIndication); wanted && picture.Load() != 0 {
						_ = receiving.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: picture.Load()}})
					}
				}
			}
		}()
	}
	receiving.OnTrack(func(theirs *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		if theirs.Kind() == webrtc.RTPCodecTypeVideo {
			picture.Store(uint32(theirs.SSRC()))
		}
		for {
			packet, _, err := theirs.ReadRTP()
			if err != nil {
				return
			}
			packet.Extension, packet.Extensions = false, nil // numbered as the other connection has them
			_ = ours[theirs.Kind()].WriteRTP(packet)
		}
	})

	offer, err := sending.CreateOffer(nil)
	must(err)
	must(sending.SetLocalDescription(offer))
	sources := map[string]string{}
	for source, transceiver := range transceivers {
		sources[transceiver.Mid()] = source
	}
	tell(message{Publish: offer.SDP, Sources: sources})

	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var heard message
		must(json.Unmarshal(lines.Bytes(), &heard))
		if heard.Answer != "" {
			must(sending.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: heard.Answer}))
			continue
		}
		must(receiving.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: heard.Offer}))
		answer, err := receiving.CreateAnswer(nil)
		must(err)
		must(receiving.SetLocalDescription(answer))
		tell(message{Answer: answer.SDP})
	}
	_ = sending.Close()
	_ = receiving.Close()
}
