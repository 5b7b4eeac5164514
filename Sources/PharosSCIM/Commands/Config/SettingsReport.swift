import JSON

/// Every setting with its value, where that comes from, and what it may be.
struct SettingsReport {
    private let values: SettingValues

    init(_ values: SettingValues) { self.values = values }

    private var settings: [any SettingDescription] { Settings.all(values.scope) }

    /// For a person.
    func show() {
        let file =
            values.filePath.map { "The file is \($0)." }
            ?? "No file was read; \(values.scope.defaultFile) is not there."
        Terminal.show(file)
        for setting in settings {
            Terminal.show("")
            Terminal.show("\(setting.name) = \(shown(setting))")
            Terminal.show("    from \(source(setting).text)")
            Terminal.show("    \(setting.meaning)")
            let reload = setting.isReloaded ? "a reload takes a new one" : "a new one needs a restart"
            Terminal.show("    It is \(setting.bound); \(reload).")
        }
        for name in values.strangers {
            Terminal.note("\(name) is in the environment, and no setting is called so.")
        }
    }

    /// For scripts.
    var json: JSONObject {
        JSONObject(uniqueMembers: [
            .init(name: "file", value: values.filePath.map { .string($0) } ?? .null),
            .init(name: "settings", value: .array(settings.map { .object(json($0)) })),
            .init(name: "unknownVariables", value: .array(values.strangers.map { .string($0) })),
        ])
    }

    private func json(_ setting: any SettingDescription) -> JSONObject {
        JSONObject(uniqueMembers: [
            .init(name: "name", value: .string(setting.name)),
            .init(name: "value", value: values.entry(setting).map { .string($0.text) } ?? .null),
            .init(name: "source", value: .string(source(setting).text)),
            .init(name: "default", value: .string(setting.initial.words(values.scope))),
            .init(name: "bound", value: .string(setting.bound)),
            .init(name: "variable", value: .string(values.scope.variable(of: setting.name))),
            .init(name: "reload", value: .bool(setting.isReloaded)),
            .init(name: "meaning", value: .string(setting.meaning)),
        ])
    }

    private func source(_ setting: any SettingDescription) -> SettingSource {
        values.entry(setting)?.source ?? .initial
    }

    private func shown(_ setting: any SettingDescription) -> String {
        values.entry(setting)?.text ?? "(\(setting.initial.words(values.scope)))"
    }
}
