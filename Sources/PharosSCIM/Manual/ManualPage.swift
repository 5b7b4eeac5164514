/// A page of the manual, in the macros of man(7).
///
/// In texts, what stands between backticks is shown bold, as it is typed.
struct ManualPage {
    private(set) var text: String
    /// Whether nothing stands below the last heading yet, where a paragraph begins by itself.
    private var isBelowHeading = true

    /// `summary`: what stands behind the name, a clause without a full stop; `date`: the day of the sources, as RFC 3339 has it.
    init(_ name: String, section: Int, summary: String, date: String) {
        text = """
            .TH "\(Self.literal(name))" "\(section)" "\(Self.literal(date))" "pharos\\-scim \(programVersion)"
            .SH NAME
            \(Self.literal(name)) \\- \(Self.prose(summary))

            """
    }

    mutating func section(_ title: String) { head("SH", title.uppercased()) }

    mutating func subsection(_ title: String) { head("SS", title) }

    mutating func paragraph(_ prose: String) {
        beginParagraph()
        add(Self.line(prose))
    }

    /// What is explained, as it is typed, and the explanation behind it.
    mutating func term(_ term: String, _ explanation: String) {
        add(".TP")
        add(Self.line("`\(term)`"))
        add(Self.line(explanation))
    }

    /// Lines that are shown as they are.
    mutating func example(_ lines: [String]) {
        beginParagraph()
        add(".RS 4")
        add(".EX")
        for line in lines { add(Self.guarded(Self.literal(line))) }
        add(".EE")
        add(".RE")
    }

    /// A text as commands have it: paragraphs, and examples that are indented by two spaces.
    mutating func discussion(_ text: String) {
        var paragraph: [String] = []
        var example: [String] = []
        func finish(_ page: inout ManualPage) {
            if !paragraph.isEmpty { page.paragraph(paragraph.joined(separator: " ")) }
            if !example.isEmpty { page.example(example) }
            paragraph = []
            example = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("  ") {
                if !paragraph.isEmpty { finish(&self) }
                example.append(String(line.dropFirst(2)))
            } else {
                if !example.isEmpty || line.isEmpty { finish(&self) }
                if !line.isEmpty { paragraph.append(String(line)) }
            }
        }
        finish(&self)
    }

    private mutating func add(_ line: String) {
        text += line + "\n"
        isBelowHeading = false
    }

    private mutating func head(_ macro: String, _ title: String) {
        add(".\(macro) \"\(Self.literal(title))\"")
        isBelowHeading = true
    }

    private mutating func beginParagraph() {
        if !isBelowHeading { add(".PP") }
    }

    /// A line of running text.
    private static func line(_ text: String) -> String { guarded(prose(text)) }

    /// A line that begins with a full stop or an apostrophe would be taken for a macro.
    private static func guarded(_ line: String) -> String {
        line.hasPrefix(".") || line.hasPrefix("'") ? "\\&\(line)" : line
    }

    private static func prose(_ text: String) -> String {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
            let part = literal(String(part))
            return index % 2 == 1 ? "\\fB\(part)\\fR" : part
        }.joined()
    }

    /// As it is typed: a hyphen would otherwise become one that no shell knows.
    private static func literal(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("–", with: "\\(en")
            .replacing("…", with: "...").replacing("\"", with: "\\(dq")
    }
}
