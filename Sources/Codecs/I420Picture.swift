internal import CYUV

/// A rectangle of a picture, in luma pixels.
public struct PictureRectangle: Sendable, Hashable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int

    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The largest rectangle in this one with the proportions of `width` to `height`, centred, on even pixels.
    public func fitting(width other: Int, height otherHeight: Int) -> PictureRectangle {
        guard other > 0, otherHeight > 0, width > 1, height > 1 else { return self }
        var fitted = self
        if other * height > width * otherHeight {
            fitted.height = max(2, width * otherHeight / other)
        } else {
            fitted.width = max(2, height * other / otherHeight)
        }
        fitted.width &= ~1
        fitted.height &= ~1
        fitted.x = (x + (width - fitted.width) / 2) & ~1
        fitted.y = (y + (height - fitted.height) / 2) & ~1
        return fitted
    }
}

/// A colour in studio-range Y′CbCr (ITU-R BT.709 or BT.601, as the stream says).
public struct YUVColor: Sendable, Hashable {
    public var y: UInt8
    public var u: UInt8
    public var v: UInt8

    public init(y: UInt8, u: UInt8, v: UInt8) {
        self.y = y
        self.u = u
        self.v = v
    }

    /// From 8-bit R′G′B′ by BT.709.
    public init(red: UInt8, green: UInt8, blue: UInt8) {
        let (r, g, b) = (Double(red) / 255, Double(green) / 255, Double(blue) / 255)
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
        y = UInt8((16 + 219 * luma).rounded())
        u = UInt8((128 + 224 * (b - luma) / 1.8556).rounded())
        v = UInt8((128 + 224 * (r - luma) / 1.5748).rounded())
    }

    public static let black = YUVColor(y: 16, u: 128, v: 128)
}

/// Somebody's picture, read in place: three planes of 8 bits, chroma halved both ways. A decoder's is valid
/// only as long as the decoder says; an ``I420Picture`` lives as long as a view of it.
public struct I420View {
    public let width: Int
    public let height: Int
    public let y: UnsafePointer<UInt8>
    public let u: UnsafePointer<UInt8>
    public let v: UnsafePointer<UInt8>
    public let lumaStride: Int
    public let chromaStride: Int
    // Swift lets go of a picture after its last use, which may be that a view was asked of it.
    private let picture: I420Picture?

    init(
        width: Int, height: Int, y: UnsafePointer<UInt8>, u: UnsafePointer<UInt8>, v: UnsafePointer<UInt8>,
        lumaStride: Int, chromaStride: Int, of picture: I420Picture? = nil
    ) {
        self.picture = picture
        self.width = width
        self.height = height
        self.y = y
        self.u = u
        self.v = v
        self.lumaStride = lumaStride
        self.chromaStride = chromaStride
    }
}

/// A picture that we own and draw on. Width and height are even. One thread at a time may use it.
public final class I420Picture {
    /// No picture, decoded or composed, is larger than this many luma pixels: 4096 × 2304, either way up.
    public static let maximumArea = 4096 * 2304
    public static let maximumSide = 4096

    /// Whether a stream may have pictures of this size.
    public static func allows(width: Int, height: Int) -> Bool {
        (1...maximumSide).contains(width) && (1...maximumSide).contains(height) && width * height <= maximumArea
    }

    public let width: Int
    public let height: Int
    public let lumaStride: Int
    public let chromaStride: Int
    public let y: UnsafeMutablePointer<UInt8>
    public let u: UnsafeMutablePointer<UInt8>
    public let v: UnsafeMutablePointer<UInt8>
    private let storage: UnsafeMutableRawPointer

    /// A black picture. Odd sizes are rounded up.
    public init(width: Int, height: Int) throws(CodecError) {
        let (width, height) = ((width + 1) & ~1, (height + 1) & ~1)
        guard Self.allows(width: width, height: height) else {
            throw .tooLarge(codec: "I420", reason: "a picture of \(width) × \(height)")
        }
        self.width = width
        self.height = height
        lumaStride = (width + 63) & ~63
        chromaStride = (width / 2 + 63) & ~63
        let (luma, chroma) = (lumaStride * height, chromaStride * height / 2)
        storage = .allocate(byteCount: luma + 2 * chroma, alignment: 64)
        storage.initializeMemory(as: UInt8.self, repeating: YUVColor.black.y, count: luma)
        (storage + luma).initializeMemory(as: UInt8.self, repeating: YUVColor.black.u, count: 2 * chroma)
        y = storage.assumingMemoryBound(to: UInt8.self)
        u = (storage + luma).assumingMemoryBound(to: UInt8.self)
        v = (storage + luma + chroma).assumingMemoryBound(to: UInt8.self)
    }

    deinit { storage.deallocate() }

    /// The whole picture.
    public var bounds: PictureRectangle { PictureRectangle(x: 0, y: 0, width: width, height: height) }

    /// The picture to read.
    public var view: I420View {
        I420View(
            width: width, height: height, y: y, u: u, v: v, lumaStride: lumaStride, chromaStride: chromaStride, of: self
        )
    }

    /// Paints a rectangle; what lies outside the picture is left out.
    public func fill(_ rectangle: PictureRectangle, with color: YUVColor) {
        guard let area = clip(rectangle) else { return }
        I420Rect(
            y, Int32(lumaStride), u, Int32(chromaStride), v, Int32(chromaStride), Int32(area.x), Int32(area.y),
            Int32(area.width), Int32(area.height), Int32(color.y), Int32(color.u), Int32(color.v))
    }

    /// Paints what of a rectangle lies around another one in it.
    public func fill(_ outer: PictureRectangle, around inner: PictureRectangle, with color: YUVColor) {
        let (right, bottom) = (inner.x + inner.width, inner.y + inner.height)
        let (o, i) = (outer, inner)
        fill(PictureRectangle(x: o.x, y: o.y, width: o.width, height: i.y - o.y), with: color)
        fill(PictureRectangle(x: o.x, y: bottom, width: o.width, height: o.y + o.height - bottom), with: color)
        fill(PictureRectangle(x: o.x, y: i.y, width: i.x - o.x, height: i.height), with: color)
        fill(PictureRectangle(x: right, y: i.y, width: o.x + o.width - right, height: i.height), with: color)
    }

    /// Paints a frame of `thickness` pixels along the inner edge of a rectangle.
    public func stroke(_ rectangle: PictureRectangle, thickness: Int, with color: YUVColor) {
        let (r, t) = (rectangle, thickness)
        guard t > 0, r.width > 2 * t, r.height > 2 * t else { return fill(r, with: color) }
        fill(PictureRectangle(x: r.x, y: r.y, width: r.width, height: t), with: color)
        fill(PictureRectangle(x: r.x, y: r.y + r.height - t, width: r.width, height: t), with: color)
        fill(PictureRectangle(x: r.x, y: r.y + t, width: t, height: r.height - 2 * t), with: color)
        fill(PictureRectangle(x: r.x + r.width - t, y: r.y + t, width: t, height: r.height - 2 * t), with: color)
    }

    /// Draws a picture scaled to fill a rectangle, which must lie within this picture (else nothing is drawn).
    public func draw(_ source: I420View, in rectangle: PictureRectangle) {
        guard let area = clip(rectangle), area.width == rectangle.width & ~1, area.height == rectangle.height & ~1
        else { return }
        let chroma = area.y / 2 * chromaStride + area.x / 2
        I420Scale(
            source.y, Int32(source.lumaStride), source.u, Int32(source.chromaStride), source.v,
            Int32(source.chromaStride),
            Int32(source.width), Int32(source.height), y + area.y * lumaStride + area.x, Int32(lumaStride), u + chroma,
            Int32(chromaStride), v + chroma, Int32(chromaStride), Int32(area.width), Int32(area.height),
            kFilterBox)
    }

    /// Lays `overlay` over this picture at (x, y), both even: each pixel as opaque as `alpha`, one byte a luma pixel in
    /// rows of `alphaStride`, says. What would lie outside the picture makes the call do nothing.
    public func blend(_ overlay: I420View, alpha: UnsafePointer<UInt8>, alphaStride: Int, x: Int, y top: Int) {
        guard x >= 0, top >= 0, x.isMultiple(of: 2), top.isMultiple(of: 2), x + overlay.width <= width,
            top + overlay.height <= height
        else { return }
        let luma = y + top * lumaStride + x
        let chroma = top / 2 * chromaStride + x / 2
        I420Blend(
            overlay.y, Int32(overlay.lumaStride), overlay.u, Int32(overlay.chromaStride), overlay.v,
            Int32(overlay.chromaStride), luma, Int32(lumaStride), u + chroma, Int32(chromaStride), v + chroma,
            Int32(chromaStride), alpha, Int32(alphaStride), luma, Int32(lumaStride), u + chroma, Int32(chromaStride),
            v + chroma, Int32(chromaStride), Int32(overlay.width), Int32(overlay.height))
    }

    /// The part of a rectangle inside the picture, moved to even pixels.
    private func clip(_ rectangle: PictureRectangle) -> PictureRectangle? {
        let left = max(0, rectangle.x) & ~1
        let top = max(0, rectangle.y) & ~1
        let right = min(width, rectangle.x + rectangle.width) & ~1
        let bottom = min(height, rectangle.y + rectangle.height) & ~1
        guard right > left, bottom > top else { return nil }
        return PictureRectangle(x: left, y: top, width: right - left, height: bottom - top)
    }
}
