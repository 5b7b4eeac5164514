import ArgumentParser

// The registry says how a flag is called and what its help is; a group of options has a property for each of its flags.

extension Option where Value == String? {
    init(_ setting: Setting<some Sendable>) {
        self.init(
            name: .customLong(setting.name),
            help: ArgumentHelp("\(setting.help)", valueName: setting.valueName),
            completion: setting.kind.completion.kind
        )
    }
}

extension Option where Value == [String] {
    init(_ setting: Setting<[some Sendable]>) {
        self.init(
            wrappedValue: [],
            name: .customLong(setting.name),
            help: ArgumentHelp("\(setting.help)", valueName: setting.valueName)
        )
    }
}

extension Flag where Value == Bool {
    init(_ setting: Setting<Bool>) {
        self.init(
            wrappedValue: false,
            name: .customLong(setting.name),
            help: ArgumentHelp("\(setting.meaning)")
        )
    }
}

extension Setting {
    fileprivate var help: String {
        let note =
            switch initial {
            case .value(let text): text
            case .values(let server, let console): "\(server), for the console \(console)"
            case .words(let words): words
            }
        return "\(meaning) (default: \(note))"
    }
}

extension SettingCompletion {
    fileprivate var kind: CompletionKind? {
        switch self {
        case .nothing: nil
        case .file: .file()
        case .folder: .directory
        case .words(let words): .list(words)
        }
    }
}

/// What the command line has said of a setting.
struct SettingFlag: Sendable {
    let name: String
    /// As the file would have it.
    let text: String

    /// Nil for a flag that was not given.
    init?(_ setting: some SettingDescription, _ text: String?) {
        guard let text else { return nil }
        name = setting.name
        self.text = text
    }

    init?(_ setting: some SettingDescription, _ texts: [String]) {
        self.init(setting, texts.isEmpty ? nil : texts.joined(separator: ","))
    }

    init?(_ setting: Setting<Bool>, _ isGiven: Bool) {
        self.init(setting, isGiven ? "yes" : nil)
    }
}
