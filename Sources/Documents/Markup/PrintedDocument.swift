/// A document as HTML: for the screen, and laid out for A4 when it is printed or made a PDF.
public struct PrintedDocument: Hashable, Sendable {
    public var title: String
    public var language: Language
    public var body: Markup
    /// Stands at the foot of each printed page.
    public var footer: String

    public init(title: String, language: Language, body: Markup, footer: String = "") {
        self.title = title
        self.language = language
        self.body = body
        self.footer = footer
    }

    public var html: String {
        let page: Markup = """
            <!doctype html>
            <html lang="\(language.rawValue)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            <style>
            \(Self.stylesheet)
            </style>
            </head>
            <body data-footer="\(footer)">
            <main>
            \(body)
            </main>
            <footer>\(footer)</footer>
            </body>
            </html>

            """
        return page.html
    }

    /// One for all documents. Noto has all marks of Vietnamese; the sizes are those of a page that is read at arm's length.
    private static let stylesheet: Markup = """
        @page { size: A4; margin: 16mm 16mm 18mm 20mm;
          @bottom-left { content: string(footer); font: 7.5pt "Noto Sans", sans-serif; color: #555 }
          @bottom-right { content: counter(page) " / " counter(pages); font: 7.5pt "Noto Sans", sans-serif; color: #555 } }
        html { font: 10pt/1.38 "Noto Sans", "Segoe UI", Roboto, sans-serif; color: #111; background: #fff }
        body { string-set: footer attr(data-footer); margin: 0 auto; max-width: 48rem; padding: 1rem }
        h1 { font-size: 1.5em; line-height: 1.2; margin: 0 0 .3em }
        h2 { font-size: 1.12em; margin: 1.1em 0 .35em; border-bottom: 1px solid #888; break-after: avoid }
        p { margin: .35em 0 }
        ol, ul { margin: .3em 0; padding-left: 1.5em }
        li { margin: .22em 0 }
        table { border-collapse: collapse; width: 100%; margin: .4em 0 }
        th, td { border: 1px solid #777; padding: .22em .5em; text-align: left; vertical-align: top }
        th { background: #eee; font-weight: 600 }
        thead { display: table-header-group }
        tr { break-inside: avoid }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
        code { font: .95em "Noto Sans Mono", Consolas, monospace; overflow-wrap: anywhere }
        .lead { color: #333 }
        .beside { display: flex; gap: 1.2em; align-items: flex-start }
        .beside > :first-child { flex: 1 }
        .code { width: 42mm; text-align: center; font-size: .8em }
        .code svg { width: 42mm; height: 42mm; display: block }
        .note { border-left: 3px solid #b45309; background: #fff7ed; padding: .4em .7em; break-inside: avoid }
        .blank { color: #555 }
        footer { color: #555; font-size: .8em; margin-top: 1.5em }
        @media print { html { font-size: 9.5pt } body { max-width: none; padding: 0 } footer { display: none } }

        """
}

extension Markup {
    /// A table with a row of headings.
    static func table(_ headings: [String], _ rows: [[Markup]]) -> Markup {
        let head = headings.map { "<th scope=\"col\">\($0)</th>" as Markup }
        let body = rows.map { row in "<tr>\(row.map { "<td>\($0)</td>" as Markup })</tr>" as Markup }
        return "<table><thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table>"
    }

    /// A table of names and their values.
    static func fields(_ rows: [(name: String, value: Markup)]) -> Markup {
        let rows = rows.map { "<tr><th scope=\"row\">\($0.name)</th><td>\($0.value)</td></tr>" as Markup }
        return "<table><tbody>\(rows)</tbody></table>"
    }

    static func steps(_ steps: [Markup]) -> Markup { "<ol>\(steps.map { "<li>\($0)</li>" as Markup })</ol>" }

    static func code(_ text: String) -> Markup { "<code>\(text)</code>" }
}
