import COpenH264
import Codecs
import RTP

@testable import MediaPlane

/// A camera with openh264 in it.
final class H264Camera {
    enum Packing {
        /// A NAL unit in each packet, of slices that fit (RFC 6184 §5.6).
        case single
        /// Parameter sets in one packet, long slices in fragments (RFC 6184 §5.7.1, §5.8).
        case fragmented
    }

    private let endpoint: TestEndpoint
    private let port: UInt16
    private let name: Int
    private let packing: Packing
    private let encoder: UnsafeMutablePointer<ISVCEncoder?>
    private let decoder: H264Decoder
    private let picture: I420Picture
    private var frame = 0
    private var messagesSeen = 0
    private var keyframeWanted = true
    /// What a decoder that got everything showed.
    private(set) var filmed: Set<Int> = []
    /// Profiles of the sequence parameter sets that were sent.
    private(set) var profiles: Set<UInt8> = []

    init(_ endpoint: TestEndpoint, to port: UInt16, name: Int, packing: Packing, isHigh: Bool = false) throws {
        self.endpoint = endpoint
        self.port = port
        self.name = name
        self.packing = packing
        decoder = try H264Decoder()
        picture = try I420Picture(width: 176, height: 144)
        var created: UnsafeMutablePointer<ISVCEncoder?>?
        guard WelsCreateSVCEncoder(&created) == 0, let created else {
            throw CodecError.cannotCreate(codec: "H.264", reason: "openh264 has no encoder")
        }
        encoder = created
        var parameters = SEncParamExt()
        let functions = created.pointee!.pointee
        _ = functions.GetDefaultParams(created, &parameters)
        parameters.iUsageType = CAMERA_VIDEO_REAL_TIME
        parameters.iPicWidth = 176
        parameters.iPicHeight = 144
        parameters.iTargetBitrate = 400_000
        parameters.fMaxFrameRate = 25
        parameters.iSpatialLayerNum = 1
        parameters.uiIntraPeriod = 0
        parameters.bEnableFrameSkip = false
        parameters.iMultipleThreadIdc = 1
        parameters.iEntropyCodingModeFlag = isHigh ? 1 : 0
        parameters.uiMaxNalSize = packing == .single ? 1_000 : 0
        parameters.sSpatialLayers.0.iVideoWidth = 176
        parameters.sSpatialLayers.0.iVideoHeight = 144
        parameters.sSpatialLayers.0.fFrameRate = 25
        parameters.sSpatialLayers.0.iSpatialBitrate = 400_000
        parameters.sSpatialLayers.0.uiProfileIdc = isHigh ? PRO_HIGH : PRO_BASELINE
        parameters.sSpatialLayers.0.sSliceArgument.uiSliceMode =
            packing == .single ? SM_SIZELIMITED_SLICE : SM_SINGLE_SLICE
        parameters.sSpatialLayers.0.sSliceArgument.uiSliceSizeConstraint = packing == .single ? 1_000 : 0
        guard functions.InitializeExt(created, &parameters) == 0 else {
            throw CodecError.cannotCreate(codec: "H.264", reason: "openh264 refused the settings")
        }
        var quiet: Int32 = 0
        _ = functions.SetOption(created, ENCODER_OPTION_TRACE_LEVEL, &quiet)
    }

    deinit {
        _ = encoder.pointee!.pointee.Uninitialize(encoder)
        WelsDestroySVCEncoder(encoder)
    }

    /// Films and sends a picture; a keyframe where one was asked for.
    func send() throws {
        for message in endpoint.rtcpMessages[messagesSeen...] {
            if case .pictureLossIndication = message { keyframeWanted = true }
        }
        messagesSeen = endpoint.rtcpMessages.count
        let units = try film()
        var coded: [UInt8] = []
        for unit in units { coded += [0, 0, 0, 1] + unit }
        _ = try coded.withUnsafeBytes { try decoder.decode($0) }
        if let print = decoder.fingerprint { filmed.insert(print) }
        for unit in units where unit[0] & 0x1F == H264UnitType.sequenceParameters { profiles.insert(unit[1]) }
        let payloads = packing == .single ? units : fragmented(units)
        for (index, payload) in payloads.enumerated() {
            let isLast = index == payloads.count - 1
            endpoint.send(payload, marker: isLast, advancing: isLast ? 3_600 : 0, to: port)
        }
    }

    private func film() throws -> [[UInt8]] {
        frame += 1
        // Stripes that move, each source's its own way: cheap to paint, and no picture is like another.
        for row in 0..<144 {
            let value = UInt8(truncatingIfNeeded: row * (name * 5 + 3) + frame * 7)
            (picture.y + row * picture.lumaStride).update(repeating: value, count: 88)
            (picture.y + row * picture.lumaStride + 88).update(repeating: value ^ 0x55 &+ UInt8(name), count: 88)
        }
        let functions = encoder.pointee!.pointee
        if keyframeWanted { _ = functions.ForceIntraFrame(encoder, true) }
        keyframeWanted = false
        var source = SSourcePicture()
        source.iColorFormat = Int32(videoFormatI420.rawValue)
        source.iPicWidth = 176
        source.iPicHeight = 144
        source.iStride = (Int32(picture.lumaStride), Int32(picture.chromaStride), Int32(picture.chromaStride), 0)
        source.pData = (picture.y, picture.u, picture.v, nil)
        source.uiTimeStamp = Int64(frame) * 40
        var info = SFrameBSInfo()
        guard functions.EncodeFrame(encoder, &source, &info) == 0 else {
            throw CodecError.malformed(codec: "H.264", reason: "openh264 did not encode")
        }
        var units: [[UInt8]] = []
        withUnsafeBytes(of: &info.sLayerInfo) { raw in
            for layer in raw.bindMemory(to: SLayerBSInfo.self).prefix(Int(info.iLayerNum)) {
                var offset = 0
                for index in 0..<Int(layer.iNalCount) {
                    let length = Int(layer.pNalLengthInByte[index])
                    // Each stands behind a start code of four octets.
                    units.append((4..<length).map { layer.pBsBuf[offset + $0] })
                    offset += length
                }
            }
        }
        return units
    }

    private func fragmented(_ units: [[UInt8]]) -> [[UInt8]] {
        let sets = units.filter { [7, 8].contains($0[0] & 0x1F) }
        var payloads: [[UInt8]] = []
        if !sets.isEmpty {
            var aggregate: [UInt8] = [0x78]
            for unit in sets {
                aggregate += [UInt8(unit.count >> 8), UInt8(unit.count & 0xFF)]
                aggregate += unit
            }
            payloads.append(aggregate)
        }
        for unit in units where ![7, 8].contains(unit[0] & 0x1F) {
            guard unit.count > 500 else {
                payloads.append(unit)
                continue
            }
            for start in stride(from: 1, to: unit.count, by: 500) {
                let end = min(start + 500, unit.count)
                let edge: UInt8 = start == 1 ? 0x80 : end == unit.count ? 0x40 : 0
                payloads.append([unit[0] & 0xE0 | 28, edge | unit[0] & 0x1F] + unit[start..<end])
            }
        }
        return payloads
    }
}

extension TestEndpoint {
    /// What this endpoint's own decoder shows of the H.264 that it was sent.
    func watched() throws -> (pictures: [Int], broken: Int, profiles: Set<UInt8>) {
        var depacketizer = H264Depacketizer(format: .annexB)
        let decoder = try H264Decoder()
        var pictures: [Int] = []
        var broken = 0
        var profiles: Set<UInt8> = []
        for packet in received {
            let output = packet.payload.withUnsafeBytes {
                depacketizer.push(
                    $0, sequenceNumber: packet.info.sequenceNumber, timestamp: packet.info.timestamp,
                    marker: packet.info.marker)
            }
            broken += output.droppedFrames
            guard let frame = output.frame else { continue }
            if frame.isKeyframe, let sps = depacketizer.sequenceParameters { profiles.insert(sps[1]) }
            _ = try frame.bytes.withUnsafeBytes { try decoder.decode($0) }
            if let print = decoder.fingerprint { pictures.append(print) }
        }
        return (pictures, broken, profiles)
    }
}
