import Reactor

/// A file of settings: a line `name = value` for each, comments behind `#` at the beginning of a line.
///
/// JSON, which the configuration library reads too, has neither comments nor lines that a message could name.
struct SettingsFile {
    struct Line: Sendable {
        let number: Int
        let name: String
        let value: String
    }

    let path: String
    let lines: [Line]
    /// What is wrong with the file, in sentences that name it and the line.
    let faults: [String]

    /// Far more than all settings take.
    static let bytesMax = 64 << 10

    /// Nil if there is no such file.
    init?(reading path: String, for settings: [any SettingDescription]) throws(HostError) {
        guard let bytes = try Host.readFile(path, bytesMax: Self.bytesMax + 1) else { return nil }
        guard bytes.count <= Self.bytesMax else {
            self.init(
                path,
                [],
                ["\(path) has more than \(Self.bytesMax.grouped) bytes, which no file of settings needs."]
            )
            return
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            self.init(path, [], ["\(path) is not text in UTF-8."])
            return
        }
        self.init(path, text: text, for: settings)
    }

    init(_ path: String, text: String, for settings: [any SettingDescription]) {
        // Some editors begin a file with a mark of its byte order, which says nothing in UTF-8.
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        let known = Dictionary(settings.map { ($0.name, $0) }) { first, _ in first }
        var lines: [Line] = []
        var faults: [String] = []
        for (index, line) in Self.linesOf(text).enumerated() {
            let place = "\(path), line \(index + 1)"
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "=") else {
                faults.append("\(place): a setting is a name, = and a value.")
                continue
            }
            let name = line[..<equals].trimmed
            let value = line[line.index(after: equals)...].trimmed
            guard let setting = known[name] else {
                faults.append("\(place): there is no setting \(Self.shown(name)).")
                continue
            }
            if let earlier = lines.first(where: { $0.name == name }) {
                faults.append("\(place): \(name) is set in line \(earlier.number) already.")
            } else if let fault = setting.fault(in: value, of: "\(place): \(name)") {
                faults.append(fault)
            } else {
                lines.append(Line(number: index + 1, name: name, value: value))
            }
        }
        self.init(path, lines, faults)
    }

    private init(_ path: String, _ lines: [Line], _ faults: [String]) {
        self.path = path
        self.lines = lines
        self.faults = faults
    }

    /// Lines as editors of any system write them.
    private static func linesOf(_ text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }

    /// A text that somebody has written, as far as a message should have it: nothing that a terminal would obey.
    static func shown(_ text: String) -> String {
        let most = 80
        let line = String(
            text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
        )
        return line.isEmpty ? "empty" : line.count > most ? "\(line.prefix(most))…" : line
    }
}
