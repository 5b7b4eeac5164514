import ArgumentParser
import Reactor

/// What a setting's values are, and how one is read from a text: from a flag, the environment and the file alike.
struct SettingKind<Value: Sendable>: Sendable {
    /// What a value is, as a clause: `a number from 1 to 256`.
    let bound: String
    /// What stands for a value where its flag is explained; empty for what is given without one.
    let valueName: String
    /// What a shell may complete.
    let completion: SettingCompletion
    /// The value; nil if the text is none.
    let parse: @Sendable (String) -> Value?
    /// Why a text is none, where more can be said than what a value is.
    let explain: @Sendable (String) -> String?

    init(
        _ bound: String,
        valueName: String,
        completion: SettingCompletion = .nothing,
        explain: @escaping @Sendable (String) -> String? = { _ in nil },
        parse: @escaping @Sendable (String) -> Value?
    ) {
        self.bound = bound
        self.valueName = valueName
        self.completion = completion
        self.explain = explain
        self.parse = parse
    }
}

/// What a shell may offer for a value.
enum SettingCompletion: Sendable {
    case nothing, file, folder
    case words([String])
}

extension SettingKind where Value == Int {
    static func number(_ range: ClosedRange<Int>, valueName: String = "n") -> SettingKind {
        SettingKind(
            "a number from \(range.lowerBound.grouped) to \(range.upperBound.grouped)",
            valueName: valueName
        ) { text in
            // Digits alone: no sign that says nothing, and no zeros that somebody could read as octal.
            guard let number = Int(text), "\(number)" == text, range.contains(number) else { return nil }
            return number
        }
    }
}

extension SettingKind where Value == Bool {
    /// Without a value as a flag, with one of these words elsewhere.
    static let yesOrNo = SettingKind("yes or no", valueName: "") { text in
        switch text.lowercased() {
        case "yes", "true", "1": true
        case "no", "false", "0": false
        default: nil
        }
    }
}

extension SettingKind where Value == String {
    static let file = path("the path of a file", "file", .file, bytesMax: pathBytesMax)
    static let folder = path("the path of a folder", "dir", .folder, bytesMax: pathBytesMax)
    static let socket = path(
        "the path of a Unix socket, at most \(UnixConnection.pathBytesMax) bytes",
        "path",
        .file,
        bytesMax: UnixConnection.pathBytesMax
    )
    /// A part of the file names that journald makes of it.
    static let journalNamespace = SettingKind(
        "the name of a journal namespace: letters, digits and any of :-_.@, at most 200 of them",
        valueName: "name"
    ) { text in
        let isName = text.utf8.allSatisfy { $0.isASCIIWordByte || ":-.@".utf8.contains($0) }
        return isName && (1...200).contains(text.utf8.count) && !text.hasPrefix(".") ? text : nil
    }

    /// What Linux takes, without the zero at the end (`PATH_MAX`).
    private static let pathBytesMax = 4_095

    private static func path(
        _ bound: String,
        _ valueName: String,
        _ completion: SettingCompletion,
        bytesMax: Int
    ) -> SettingKind {
        SettingKind(bound, valueName: valueName, completion: completion) { text in
            let isPath = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            return isPath && (1...bytesMax).contains(text.utf8.count) ? text : nil
        }
    }
}

extension SettingKind where Value: ExpressibleByArgument {
    /// What the type reads from a text.
    static func value(_ bound: String, valueName: String) -> SettingKind {
        SettingKind(bound, valueName: valueName) { Value(argument: $0) }
    }
}

extension SettingKind where Value: RawRepresentable<String> & CaseIterable {
    /// One of the words of an enumeration.
    static func word(valueName: String) -> SettingKind {
        let words = Value.allCases.map(\.rawValue)
        let bound = words.dropLast().joined(separator: ", ") + " or \(words.last ?? "")"
        return SettingKind(bound, valueName: valueName, completion: .words(words)) { Value(rawValue: $0) }
    }
}

extension SettingKind {
    /// Several values, with commas between them; a flag is given several times instead.
    ///
    /// `parse`: a value, or why the text is none.
    static func list<Element, Fault>(
        _ bound: String,
        valueName: String,
        parse: @escaping @Sendable (String) -> Result<Element, Fault>
    ) -> SettingKind where Value == [Element] {
        @Sendable func results(_ text: String) -> [Result<Element, Fault>] {
            text.split(separator: ",", omittingEmptySubsequences: false).map { parse($0.trimmed) }
        }
        return SettingKind(
            bound,
            valueName: valueName,
            explain: { text in
                for case .failure(let fault) in results(text) { return "\(fault)" }
                return nil
            },
            parse: { text in try? results(text).map { try $0.get() } }
        )
    }
}

extension Int {
    /// The digits in groups of three: `1,048,576`.
    var grouped: String {
        let digits = Array(String(magnitude))
        let groups = digits.indices.map { index in
            index > 0 && (digits.count - index) % 3 == 0 ? ",\(digits[index])" : "\(digits[index])"
        }
        return (self < 0 ? "-" : "") + groups.joined()
    }
}

extension UInt8 {
    /// Whether it is an ASCII letter, a digit or `_`.
    var isASCIIWordByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension StringProtocol {
    /// Without blanks at its ends.
    var trimmed: String {
        String(
            drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed().drop { " \t\r".contains($0) }.reversed()
        )
    }
}
