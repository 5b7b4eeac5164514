import ArgumentParser
import Configuration
import Locking
import Reactor

/// Where settings come from: flags before the environment, that before the file, and the file before the defaults.
struct SettingSources: Sendable {
    let scope: SettingScope
    let flags: [SettingFlag]
    /// The file that the command line names.
    let file: String?

    /// The environment as it was when the process began; what is more than that is not looked at.
    private static let environmentPath = "/proc/self/environ"
    private static let environmentBytesMax = 4 << 20
    /// What the console's public URL was called before it was a setting.
    private static let formerVariable = (
        name: "PHAROS_SCIM_CONSOLE_URL", now: "PHAROS_SCIM_CONSOLE_PUBLIC_URL"
    )
    /// Variables of other commands that begin like settings.
    private static let otherVariables: Set = ["PHAROS_SCIM_TOKEN"]

    init(_ scope: SettingScope, flags: [SettingFlag?] = [], file: String? = nil) {
        self.scope = scope
        self.flags = flags.compactMap(\.self)
        self.file = file
    }

    /// Reads all of them.
    ///
    /// Nothing is taken if anything is wrong.
    func read() throws(SettingFault) -> SettingValues {
        let settings = Settings.all(scope)
        try checkFlags(settings)
        let variables = Self.variables(scope)
        let (path, isNamed) = filePath(variables)
        var faults = settings.compactMap { setting -> String? in
            let name = scope.variable(of: setting.name)
            return variables[name].flatMap { setting.fault(in: $0, of: name) }
        }
        let content: SettingsFile?
        do throws(HostError) {
            content = try SettingsFile(reading: path, for: settings)
        } catch {
            throw SettingFault(["\(error)"])
        }
        if content == nil, isNamed { faults.append("There is no file \(path).") }
        faults += content?.faults ?? []
        guard faults.isEmpty else { throw SettingFault(faults) }
        return values(of: settings, variables, content)
    }

    /// Refuses flags that are wrong, as a parser does.
    func validateFlags() throws {
        do throws(SettingFault) { try checkFlags(Settings.all(scope)) } catch {
            throw ValidationError(error.description)
        }
    }

    /// What commands beside the server need to find it; whatever else is wrong is told by those who need it.
    static func find(_ setting: Setting<String>, flag: String?) -> String? {
        if let flag { return flag }
        let sources = SettingSources(.server)
        let variables = Self.variables(.server)
        let settings = Settings.all(.server)
        let content = try? SettingsFile(reading: sources.filePath(variables).path, for: settings)
        return sources.values(of: [setting], variables, content)[setting]
    }

    private func checkFlags(_ settings: [any SettingDescription]) throws(SettingFault) {
        let faults = flags.compactMap { flag -> String? in
            settings.first { $0.name == flag.name }?.fault(in: flag.text, of: "--\(flag.name)")
        }
        guard faults.isEmpty else { throw SettingFault(faults, isUsage: true) }
    }

    /// The file, and whether somebody has named it, so that it has to be there.
    private func filePath(_ variables: [String: String]) -> (path: String, isNamed: Bool) {
        if let path = file ?? variables[scope.fileVariable] { return (path, true) }
        return (scope.defaultFile, false)
    }

    /// What is set in the environment and not empty.
    private static func variables(_ scope: SettingScope) -> [String: String] {
        let bytes = (try? Host.readFile(environmentPath, bytesMax: environmentBytesMax)) ?? []
        let texts = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let pairs = texts.compactMap { text -> (String, String)? in
            guard text.hasPrefix(scope.variablePrefix), let equals = text.firstIndex(of: "=") else {
                return nil
            }
            let value = String(text[text.index(after: equals)...])
            let name = String(text[..<equals])
            return value.isEmpty ? nil : (name == formerVariable.name ? formerVariable.now : name, value)
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private func values(
        of settings: [any SettingDescription],
        _ variables: [String: String],
        _ content: SettingsFile?
    ) -> SettingValues {
        let winner = WinningProvider()
        let reader = ConfigReader(
            providers: [
                InMemoryProvider(name: "flags", values: values(flags.map { ($0.name, $0.text) })),
                EnvironmentVariablesProvider(environmentVariables: variables),
                InMemoryProvider(
                    name: "file",
                    values: values(content?.lines.map { ($0.name, $0.value) } ?? [])
                ),
                InMemoryProvider(
                    name: "defaults",
                    values: values(
                        settings.compactMap { setting in
                            setting.initial.text(scope).map { (setting.name, $0) }
                        }
                    )
                ),
            ],
            accessReporter: winner
        )
        var entries: [String: SettingValues.Entry] = [:]
        for setting in settings {
            guard let text = reader.string(forKey: ConfigKey([scope.keyPrefix, setting.name])) else {
                continue
            }
            let source: SettingSource =
                switch winner.index {
                case 0: .flag(setting.name)
                case 1: .variable(scope.variable(of: setting.name))
                case 2:
                    .file(
                        path: content?.path ?? "",
                        line: content?.lines.first { $0.name == setting.name }?.number ?? 0
                    )
                default: .initial
                }
            entries[setting.name] = SettingValues.Entry(text: text, source: source)
        }
        return SettingValues(
            scope,
            entries,
            filePath: content?.path,
            strangers: strangers(variables)
        )
    }

    private func values(_ pairs: [(name: String, text: String)]) -> [AbsoluteConfigKey: ConfigValue] {
        Dictionary(
            pairs.map {
                (
                    AbsoluteConfigKey([scope.keyPrefix, $0.name]),
                    ConfigValue(.string($0.text), isSecret: false)
                )
            }
        ) { first, _ in first }
    }

    /// Variables of which nobody takes notice; the process may have inherited them, so that they are told and not refused.
    private func strangers(_ variables: [String: String]) -> [String] {
        var known = Self.otherVariables.union(Settings.all(scope).map { scope.variable(of: $0.name) })
        known.insert(scope.fileVariable)
        return variables.keys.filter { name in
            !known.contains(name)
                && !(scope == .server && name.hasPrefix(SettingScope.console.variablePrefix))
        }.sorted()
    }
}

/// Notes which provider gave the last value.
private final class WinningProvider: AccessReporter {
    private let last = Locked(0)

    /// Its place among the providers.
    var index: Int { last.withLock { $0 } }

    func report(_ event: AccessEvent) {
        // A reader asks one after the other, and stops at the first that has a value.
        last.withLock { $0 = event.providerResults.count - 1 }
    }
}
