/// Offers as devices write them. baresip's was captured from Debian's baresip 1.0 (the key is not in use); the others
/// are written after those devices' habits.
enum DeviceDescriptions {
    static let baresip = """
        v=0
        o=- 405886261 500151578 IN IP4 127.0.0.1
        s=-
        c=IN IP4 127.0.0.1
        t=0 0
        a=tool:baresip 1.0.0
        m=audio 45198 RTP/SAVP 96 8 0 101
        a=rtpmap:96 opus/48000/2
        a=fmtp:96 stereo=1;sprop-stereo=1;maxaveragebitrate=28000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:101 telephone-event/8000
        a=fmtp:101 0-15
        a=sendrecv
        a=label:1
        a=rtcp-rsize
        a=ssrc:387066906 cname:sip:cap@127.0.0.1:45060
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s
        a=minptime:20
        a=ptime:20
        m=video 45168 RTP/SAVP 96 97
        a=rtpmap:96 VP8/90000
        a=fmtp:96 max-fs=3600
        a=rtpmap:97 H264/90000
        a=fmtp:97 packetization-mode=0;profile-level-id=42e01f
        a=sendrecv
        a=label:2
        a=rtcp-rsize
        a=ssrc:2540708873 cname:sip:cap@127.0.0.1:45060
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:veuc0JYZSHPwRy8nEwKvjsqiSnxT9g/XvEAVviB3
        a=framerate:25.00
        a=rtcp-fb:* nack pli
        a=content:main
        """

    /// Several suites, AVPF feedback, RTCP attributes.
    static let linphone = """
        v=0
        o=alice 3742 2134 IN IP4 192.0.2.10
        s=Talk
        c=IN IP4 192.0.2.10
        b=AS:380
        t=0 0
        a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics
        m=audio 7078 RTP/SAVPF 96 97 98 0 8 101 99
        a=rtpmap:96 opus/48000/2
        a=fmtp:96 useinbandfec=1
        a=rtpmap:97 speex/16000
        a=fmtp:97 vbr=on
        a=rtpmap:98 speex/8000
        a=rtpmap:101 telephone-event/48000
        a=rtpmap:99 telephone-event/8000
        a=rtcp:7079
        a=crypto:1 AEAD_AES_128_GCM inline:3LLKBWqkXGdjyRkEdHVzu1fQ8hmpCE3bYPkBBQ==
        a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:8Ck+qgxPwXQi/YHhWdYYpyE04wyvpXqFKGUt+NfT|2^31
        a=crypto:3 AES_256_CM_HMAC_SHA1_80 inline:nkQlE/fEVtQHNm5jDW2QBkQoSQWY5t/bD0QQC0wLHfRfqVSHFbpJv3w6gVHmDQ==
        a=crypto:4 F8_128_HMAC_SHA1_80 inline:8Ck+qgxPwXQi/YHhWdYYpyE04wyvpXqFKGUt+NfT
        a=rtcp-fb:* trr-int 5000
        a=rtcp-fb:* ccm tmmbr
        m=video 9078 RTP/SAVPF 96 97
        a=rtpmap:96 VP8/90000
        a=rtpmap:97 H264/90000
        a=fmtp:97 profile-level-id=42801F
        a=crypto:1 AEAD_AES_128_GCM inline:3LLKBWqkXGdjyRkEdHVzu1fQ8hmpCE3bYPkBBQ==
        a=rtcp-fb:* trr-int 5000
        a=rtcp-fb:96 nack pli
        a=rtcp-fb:96 ccm fir
        a=rtcp-fb:97 nack pli
        a=rtcp-fb:97 ccm fir
        """

    /// A room system: spaces in the username, bandwidths, several H.264 types, slides, far camera control and BFCP.
    static let polycom = """
        v=0
        o=Group 500 Phong hop 1 1634 1 IN IP4 10.1.2.3
        s=-
        c=IN IP4 10.1.2.3
        b=AS:1920
        t=0 0
        m=audio 49170 RTP/SAVP 115 9 8 0 101
        a=rtpmap:115 G7221/32000
        a=fmtp:115 bitrate=48000
        a=rtpmap:9 G722/8000
        a=rtpmap:101 telephone-event/8000
        a=fmtp:101 0-16
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:8Ck+qgxPwXQi/YHhWdYYpyE04wyvpXqFKGUt+NfT|2^31|1:1
        a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s|2^31
        a=sendrecv
        m=video 49174 RTP/SAVP 112 109 110 34
        b=TIAS:1920000
        a=rtpmap:112 H264/90000
        a=fmtp:112 profile-level-id=640028; packetization-mode=1; max-mbps=245000
        a=rtpmap:109 H264/90000
        a=fmtp:109 profile-level-id=42800d; max-mbps=245000
        a=rtpmap:110 H264/90000
        a=fmtp:110 profile-level-id=42802a; packetization-mode=1
        a=rtpmap:34 H263/90000
        a=rtcp-fb:* ccm fir tmmbr
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s
        a=content:main
        m=video 49178 RTP/SAVP 110
        a=rtpmap:110 H264/90000
        a=fmtp:110 profile-level-id=42802a; packetization-mode=1
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s
        a=content:slides
        m=application 49182 RTP/AVP 100
        a=rtpmap:100 H224/4800
        m=application 5070 TCP/BFCP *
        a=setup:actpass
        """

    /// A desk phone: keys under the plain profile, static types without rtpmap, bare line feeds, no t=.
    static let yealink = """
        v=0
        o=- 20012 20012 IN IP4 192.168.1.20
        s=SDP data
        c=IN IP4 192.168.1.20
        m=audio 11780 RTP/AVP 9 0 8 18 101
        a=rtpmap:18 G729/8000
        a=fmtp:18 annexb=no
        a=rtpmap:101 telephone-event/8000
        a=fmtp:101 0-15
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj
        a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj
        a=ptime:20
        a=sendrecv
        """

    static let chrome = """
        v=0
        o=- 4611731400430051336 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=extmap-allow-mixed
        a=msid-semantic: WMS stream
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 126
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:EsAw
        a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
        a=fingerprint:sha-256 D2:FA:0E:C3:22:59:5E:14:95:69:92:3D:13:B4:84:24:2C:C2:A2:C0:3E:FD:34:8E:5E:EA:6F:AF:52:CE:E6:0F
        a=setup:actpass
        a=mid:0
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=sendrecv
        a=rtcp-mux
        a=rtpmap:111 opus/48000/2
        a=rtcp-fb:111 transport-cc
        a=fmtp:111 minptime=10;useinbandfec=1
        a=rtpmap:126 telephone-event/8000
        a=ssrc:1001 cname:x
        a=ssrc:1001 msid:s t
        m=video 9 UDP/TLS/RTP/SAVPF 96 97
        c=IN IP4 0.0.0.0
        a=mid:1
        a=sendrecv
        a=rtcp-mux
        a=rtpmap:96 VP8/90000
        a=rtcp-fb:96 nack pli
        a=rtpmap:97 rtx/90000
        a=fmtp:97 apt=96
        """

    static let all = [baresip, linphone, polycom, yealink, chrome]
}
