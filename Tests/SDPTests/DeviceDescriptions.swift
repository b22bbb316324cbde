/// Offers as devices write them. baresip's was captured from Debian's baresip 1.0 (the key is not in use); the others
/// are written after those devices' habits, the room systems' after offers that were published (addresses and keys are
/// others): Cisco's after one of a TANDBERG endpoint behind an Expressway in Cisco's own tests (dhruva), RealPresence's
/// after one of a RealPresence Group in pion/sdp's pull request 150, Studio X's and Yealink's after those in the tests of
/// sipbin (livekit).
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

    /// H.265 first, baseline in both modes under one level and limits beyond it, BFCP over UDP, far camera control, and
    /// a protocol of Cisco's own.
    static let cisco = """
        v=0
        o=tandberg 0 1 IN IP4 192.0.2.40
        s=-
        c=IN IP4 192.0.2.40
        b=AS:1920
        t=0 0
        m=audio 58952 RTP/SAVP 96 99 9 8 0 101 100
        b=TIAS:128000
        a=rtpmap:96 MP4A-LATM/90000
        a=fmtp:96 profile-level-id=25;object=23;bitrate=128000
        a=rtpmap:99 G7221/16000
        a=fmtp:99 bitrate=24000
        a=rtpmap:9 G722/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:101 telephone-event/8000
        a=fmtp:101 0-15
        a=rtpmap:100 opus/48000/2
        a=fmtp:100 maxaveragebitrate=48000
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s|2^48
        a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:8Ck+qgxPwXQi/YHhWdYYpyE04wyvpXqFKGUt+NfT|2^48 UNENCRYPTED_SRTCP
        a=sendrecv
        a=rtcp:58953 IN IP4 192.0.2.40
        m=video 59366 RTP/SAVP 96 97 98 99 34
        b=TIAS:1920000
        a=rtpmap:96 H265/90000
        a=fmtp:96 level-id=60;max-lsr=62668800;max-lps=2088960;max-fps=6000
        a=rtpmap:97 H264/90000
        a=fmtp:97 profile-level-id=420016;max-mbps=490000;max-fs=8160;max-br=5000;max-fps=6000;packetization-mode=0
        a=rtpmap:98 H264/90000
        a=fmtp:98 profile-level-id=428016;max-mbps=490000;max-fs=8160;max-br=5000;max-fps=6000;packetization-mode=1
        a=rtpmap:99 H263-1998/90000
        a=fmtp:99 custom=1280,768,1;cif4=1;cif=1;qcif=1
        a=rtpmap:34 H263/90000
        a=rtcp-fb:* ccm fir
        a=rtcp-fb:* ccm tmmbr
        a=rtcp-fb:* nack pli
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s|2^48
        a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:8Ck+qgxPwXQi/YHhWdYYpyE04wyvpXqFKGUt+NfT|2^48 UNENCRYPTED_SRTCP
        a=sendrecv
        a=content:main
        a=label:11
        a=rtcp:59367 IN IP4 192.0.2.40
        m=video 57964 RTP/SAVP 96 97 98
        b=TIAS:1920000
        a=rtpmap:96 H264/90000
        a=fmtp:96 profile-level-id=420016;max-mbps=245000;max-fs=8160;max-br=5000;max-fps=6000;packetization-mode=0
        a=rtpmap:97 H264/90000
        a=fmtp:97 profile-level-id=428016;max-mbps=245000;max-fs=8160;max-br=5000;max-fps=6000;packetization-mode=1
        a=rtpmap:98 H263-1998/90000
        a=rtcp-fb:* ccm fir
        a=rtcp-fb:* nack pli
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s|2^48
        a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:8Ck+qgxPwXQi/YHhWdYYpyE04wyvpXqFKGUt+NfT|2^48 UNENCRYPTED_SRTCP
        a=sendrecv
        a=content:slides
        a=label:12
        a=rtcp:57965 IN IP4 192.0.2.40
        m=application 58624 UDP/BFCP *
        a=confid:1
        a=userid:106
        a=floorid:2 mstrm:12
        a=floorctrl:c-s
        m=application 59638 RTP/SAVP 96
        a=rtpmap:96 H224/4800
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:zPZGNFvRphuCqsMRvPJPMqUYFZi7aT66HVyYqJ/s|2^48
        a=sendrecv
        a=rtcp:59639 IN IP4 192.0.2.40
        m=application 55154 UDP/UDT/IX *
        a=ixmap:0 ping
        a=ixmap:2 xccp
        """

    /// Floor control before the slides and over TCP, with RFC 4583's other spelling; High first.
    static let realPresence = """
        v=0
        o=- 1674740882 1674740882 IN IP4 192.0.2.76
        s=MRD=MRE MRC-V=1.0.1
        c=IN IP4 192.0.2.76
        b=AS:1024
        t=0 0
        a=sendrecv
        m=audio 3230 RTP/AVP 115 9 0 8 119
        a=sendrecv
        a=rtpmap:115 G7221/32000
        a=fmtp:115 bitrate=48000
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:119 telephone-event/8000
        a=fmtp:119 0-15
        m=video 3232 RTP/AVP 111 109 110 96 34 31
        a=sendrecv
        a=rtcp-fb:* nack pli
        a=rtcp-fb:* ccm fir
        a=rtcp-fb:* ccm tmmbr
        a=rtpmap:111 H264/90000
        a=fmtp:111 profile-level-id=64001f; packetization-mode=1; max-br=20010; sar=13
        a=rtpmap:109 H264/90000
        a=fmtp:109 profile-level-id=42801f; max-br=20010; sar=13
        a=rtpmap:110 H264/90000
        a=fmtp:110 profile-level-id=42801f; packetization-mode=1; max-br=20010; sar=13
        a=rtpmap:96 H263-1998/90000
        a=rtpmap:34 H263/90000
        a=rtpmap:31 H261/90000
        a=content:main
        a=label:2
        m=application 3238 TCP/BFCP *
        a=floorctrl:c-s
        a=confid:1
        a=userid:2
        a=floorid:1 m-stream:3
        a=setup:actpass
        a=connection:new
        m=video 3236 RTP/AVP 111 109 110
        a=sendrecv
        a=rtcp-fb:* nack pli
        a=rtpmap:111 H264/90000
        a=fmtp:111 profile-level-id=64001f; packetization-mode=1; max-br=20010; sar=13
        a=rtpmap:109 H264/90000
        a=fmtp:109 profile-level-id=42801f; max-br=20010; sar=13
        a=rtpmap:110 H264/90000
        a=fmtp:110 profile-level-id=42801f; packetization-mode=1; max-br=20010; sar=13
        a=content:slides
        a=label:3
        m=application 3240 RTP/AVP 100
        a=rtpmap:100 H224/4800
        """

    /// A Poly Studio X: levels that may differ each way, High at level 5.
    static let studioX = """
        v=0
        o=Opal 1234 5678 IN IP4 192.0.2.50
        s=SIP Call
        c=IN IP4 192.0.2.50
        b=AS:4096
        t=0 0
        m=audio 20000 RTP/AVP 115 9 0 8 101
        a=rtpmap:115 G7221/16000
        a=fmtp:115 bitrate=32000
        a=rtpmap:9 G722/8000
        a=rtpmap:101 telephone-event/8000
        a=fmtp:101 0-15
        a=sendrecv
        m=video 22300 RTP/AVP 99 97 126
        b=TIAS:2000000
        a=rtpmap:99 H264/90000
        a=fmtp:99 profile-level-id=640032;packetization-mode=1;max-fs=8160;max-mbps=244800;level-asymmetry-allowed=1
        a=rtpmap:97 H264/90000
        a=fmtp:97 profile-level-id=42E01F;packetization-mode=1;max-fs=3600;max-mbps=108000;level-asymmetry-allowed=1
        a=rtpmap:126 H264/90000
        a=fmtp:126 profile-level-id=42E00D;packetization-mode=1;max-fs=396;max-mbps=11880
        a=content:main
        a=label:11
        a=sendrecv
        a=rtcp-fb:* nack pli
        a=rtcp-fb:* ccm fir
        m=video 20452 RTP/AVP 97 126 96
        b=TIAS:2000000
        a=rtpmap:97 H264/90000
        a=fmtp:97 profile-level-id=42E01F;packetization-mode=1;max-fs=8160;max-mbps=244800;level-asymmetry-allowed=1
        a=rtpmap:126 H264/90000
        a=fmtp:126 profile-level-id=42E00D;packetization-mode=1;max-fs=3600;max-mbps=108000
        a=rtpmap:96 H263-1998/90000
        a=content:slides
        a=label:12
        a=sendrecv
        m=application 29299 UDP/BFCP *
        a=floorctrl:c-s
        a=confid:1
        a=userid:8
        a=floorid:2 mstrm:12
        """

    /// A room system whose slides come first, are not named as such but by the floor, and only go out.
    static let yealinkRoom = """
        v=0
        o=yealink 5432 1 IN IP4 192.0.2.100
        s=SIP Call
        c=IN IP4 192.0.2.100
        b=AS:4096
        t=0 0
        m=application 10006 UDP/BFCP *
        a=floorctrl:c-only
        a=floorid:2 mstrm 12
        m=audio 10000 RTP/AVP 9 0 8 101
        a=rtpmap:101 telephone-event/8000
        a=fmtp:101 0-15
        a=sendrecv
        m=video 10002 RTP/AVP 97 126
        a=rtpmap:97 H264/90000
        a=fmtp:97 profile-level-id=42E01F;packetization-mode=1;max-fs=3600;max-mbps=108000;level-asymmetry-allowed=1
        a=rtpmap:126 H264/90000
        a=fmtp:126 profile-level-id=640032;packetization-mode=1;max-fs=3600;max-mbps=108000;level-asymmetry-allowed=1
        a=label:11
        a=sendrecv
        m=video 10004 RTP/AVP 97
        a=rtpmap:97 H264/90000
        a=fmtp:97 profile-level-id=42E01F;packetization-mode=1;max-fs=8160;max-mbps=244800;level-asymmetry-allowed=1
        a=label:12
        a=sendonly
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

    static let all = [
        baresip, linphone, polycom, yealink, cisco, realPresence, studioX, yealinkRoom, chrome,
    ]
}
