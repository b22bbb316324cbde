internal import CPango
public import Codecs

/// A line of text, a point's name above all, drawn once: white on a dark band, every mark in its place (Pango shapes it).
public final class TextPlate {
    public let width: Int
    public let height: Int
    private let picture: I420Picture
    private let alpha: [UInt8]

    /// Draws `text` no wider than `mostWidth` pixels, letters about `textHeight` high, in two lines if it does not fit in
    /// one: what tells points apart is often the last word.
    public init?(_ text: String, mostWidth: Int, textHeight: Int, band: YUVColor = .black) {
        let padding = max(4, textHeight / 3)
        guard mostWidth > padding * 2 + 16 else { return nil }
        guard let measuring = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1) else { return nil }
        defer { cairo_surface_destroy(measuring) }
        guard let measure = cairo_create(measuring) else { return nil }
        defer { cairo_destroy(measure) }
        guard let layout = pango_cairo_create_layout(measure) else { return nil }
        defer { causeway_g_object_unref(UnsafeMutableRawPointer(layout)) }
        guard let font = pango_font_description_from_string("Noto Sans, DejaVu Sans") else { return nil }
        defer { pango_font_description_free(font) }
        pango_font_description_set_absolute_size(font, Double(textHeight) * Double(PANGO_SCALE))
        pango_font_description_set_weight(font, PANGO_WEIGHT_MEDIUM)
        pango_layout_set_font_description(layout, font)
        pango_layout_set_width(layout, Int32((mostWidth - 2 * padding) * Int(PANGO_SCALE)))
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        pango_layout_set_height(layout, -2)
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
        pango_layout_set_single_paragraph_mode(layout, 1)
        pango_layout_set_text(layout, text, -1)
        var textWidth: Int32 = 0
        var lineHeight: Int32 = 0
        pango_layout_get_pixel_size(layout, &textWidth, &lineHeight)
        width = min(mostWidth, Int(textWidth) + 2 * padding + 1) & ~1
        height = (Int(lineHeight) + padding + 1) & ~1
        guard width > 0, height > 0,
            let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(width), Int32(height)),
            let context = cairo_create(surface)
        else { return nil }
        defer {
            cairo_destroy(context)
            cairo_surface_destroy(surface)
        }
        cairo_move_to(context, Double(padding), Double(padding) / 2)
        pango_cairo_update_layout(context, layout)
        pango_cairo_show_layout(context, layout)
        cairo_surface_flush(surface)
        guard let ink = cairo_image_surface_get_data(surface),
            let picture = try? I420Picture(width: width, height: height)
        else { return nil }
        picture.fill(picture.bounds, with: band)
        let stride = Int(cairo_image_surface_get_stride(surface))
        var alpha = [UInt8](repeating: 0, count: width * height)
        for row in 0..<height {
            for column in 0..<width {
                // The text is opaque on a band that lets a little of the picture through.
                let coverage = Int(ink[row * stride + column])
                picture.y[row * picture.lumaStride + column] = UInt8(
                    Int(band.y) + coverage * (235 - Int(band.y)) / 255)
                alpha[row * width + column] = UInt8(165 + coverage * 90 / 255)
            }
        }
        self.picture = picture
        self.alpha = alpha
    }

    public func draw(on canvas: I420Picture, x: Int, y: Int) {
        alpha.withUnsafeBufferPointer {
            guard let base = $0.baseAddress else { return }
            canvas.blend(picture.view, alpha: base, alphaStride: width, x: x & ~1, y: y & ~1)
        }
    }
}
