/// Where a value comes from, the strongest first.
enum SettingSource: Sendable, Equatable {
    case flag(String)
    case variable(String)
    case file(path: String, line: Int)
    /// Nobody has said anything.
    case initial

    /// For `config check`.
    var text: String {
        switch self {
        case .flag(let name): "--\(name)"
        case .variable(let name): name
        case .file(let path, let line): "\(path), line \(line)"
        case .initial: "default"
        }
    }
}

/// The values of all settings, and where each comes from.
struct SettingValues: Sendable {
    struct Entry: Sendable {
        let text: String
        let source: SettingSource
    }

    let scope: SettingScope
    /// The file that was read; nil if none was there.
    let filePath: String?
    /// Variables that look like settings and are none.
    let strangers: [String]
    private var entries: [String: Entry]

    init(_ scope: SettingScope, _ entries: [String: Entry], filePath: String?, strangers: [String]) {
        self.scope = scope
        self.entries = entries
        self.filePath = filePath
        self.strangers = strangers
    }

    /// The value that holds; nil if there is none.
    subscript<Value>(setting: Setting<Value>) -> Value? {
        entries[setting.name].flatMap { setting.kind.parse($0.text) }
    }

    /// The value and its source; nil if there is neither a value nor a default.
    func entry(_ setting: some SettingDescription) -> Entry? { entries[setting.name] }

    /// Whether somebody has set it.
    func isSet(_ setting: some SettingDescription) -> Bool {
        entries[setting.name].map { $0.source != .initial } ?? false
    }

    /// The settings whose value is another one in `new`.
    func changed(to new: SettingValues) -> [any SettingDescription] {
        Settings.all(scope).filter { entries[$0.name]?.text != new.entries[$0.name]?.text }
    }

    /// These values with those of `new` for some settings.
    func taking(_ settings: [any SettingDescription], from new: SettingValues) -> SettingValues {
        var values = self
        for setting in settings { values.entries[setting.name] = new.entries[setting.name] }
        return values
    }

    /// Settings that do not go together, in a sentence with the names of the flags; where no flag alone is to blame, with those of the
    /// file.
    func fault(_ sentence: String) -> SettingFault {
        let isConfigured = entries.values.contains { entry in
            switch entry.source {
            case .file, .variable: true
            case .flag, .initial: false
            }
        }
        return SettingFault(
            [isConfigured ? sentence.replacing("--", with: "") : sentence],
            isUsage: !isConfigured
        )
    }

    /// Every value, for a digest of what an operator has configured.
    var summary: String {
        Settings.all(scope).map { "\($0.name)=\(entries[$0.name]?.text ?? "")" }.joined(separator: "\n")
    }
}
