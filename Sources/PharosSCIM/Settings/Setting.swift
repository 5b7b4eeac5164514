/// Something that an operator decides about a serving process: one entry of the registry.
///
/// The flags and their help, the variables of the environment, the file, `config check`, the reference and the manual page all follow from
/// these entries.
struct Setting<Value: Sendable>: SettingDescription {
    let name: String
    let kind: SettingKind<Value>
    let initial: SettingDefault
    let isReloaded: Bool
    let meaning: String

    /// `initial`: what holds if nobody says anything; `isReloaded`: whether a reload takes a new value.
    init(
        _ name: String,
        _ kind: SettingKind<Value>,
        default initial: SettingDefault,
        isReloaded: Bool = false,
        _ meaning: String
    ) {
        self.name = name
        self.kind = kind
        self.initial = initial
        self.isReloaded = isReloaded
        self.meaning = meaning
    }

    var bound: String { kind.bound }
    var valueName: String { kind.valueName }

    func fault(in text: String, of subject: String) -> String? {
        guard kind.parse(text) == nil else { return nil }
        if let reason = kind.explain(text) { return "\(subject): \(reason)" }
        return "\(subject) is \(bound), and not \(SettingsFile.shown(text))."
    }
}

/// What is known of a setting without the type of its values.
protocol SettingDescription: Sendable {
    /// In the file, and behind two hyphens the flag; in capitals, with underscores, the end of the variable.
    var name: String { get }
    /// What a value may be, as a clause.
    var bound: String { get }
    /// What stands for a value where the flag is explained; empty for a flag without one.
    var valueName: String { get }
    var initial: SettingDefault { get }
    /// Whether a reload takes a new value, and not only a restart.
    var isReloaded: Bool { get }
    /// What it decides, in a sentence or two.
    var meaning: String { get }

    /// Why a text is none of its values, in a sentence that begins with `subject`; nil if it is one.
    func fault(in text: String, of subject: String) -> String?
}

/// What holds if nobody says anything.
enum SettingDefault: Sendable {
    case value(String)
    /// Of the server, and of the web console.
    case values(server: String, console: String)
    /// What follows from something else, or nothing; in words.
    case words(String)

    /// As a text that the setting takes; nil if it is none.
    func text(_ scope: SettingScope) -> String? {
        switch self {
        case .value(let text): text
        case .values(let server, let console): scope == .server ? server : console
        case .words: nil
        }
    }

    /// For who reads about it.
    func words(_ scope: SettingScope) -> String {
        if case .words(let words) = self { words } else { text(scope) ?? "" }
    }
}

/// The process that is told.
enum SettingScope: Sendable {
    case server, console

    /// What the names of its variables begin with.
    var variablePrefix: String {
        switch self {
        case .server: "PHAROS_SCIM_"
        case .console: "PHAROS_SCIM_CONSOLE_"
        }
    }

    /// The file that is read if none is named; it need not be there.
    var defaultFile: String {
        switch self {
        case .server: "/etc/pharos-scim/pharos-scim.conf"
        case .console: "/etc/pharos-scim-console/pharos-scim-console.conf"
        }
    }

    /// The variable that names another file.
    var fileVariable: String { variablePrefix + "CONFIG" }

    /// The first part of the keys by which the configuration is asked.
    var keyPrefix: String {
        switch self {
        case .server: "pharos-scim"
        case .console: "pharos-scim-console"
        }
    }

    func variable(of name: String) -> String {
        variablePrefix + name.uppercased().replacing("-", with: "_")
    }
}
