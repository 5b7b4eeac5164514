import ArgumentParser
import Directory
import HTTP
import JSON
import Tenancy

extension TenantCommand {
    /// The command that sets the setting whose values are of a type.
    static func command<Value>(for _: Value.Type) -> any ParsableCommand.Type { SetSetting<Value>.self }

    struct SetSetting<Value>: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            let setting = SettingWord<Value>.setting
            let name = "set-\(setting.hyphenatedName)"
            let width = setting.words.map(\.text.count).max() ?? 0
            let words = setting.words.map { word in
                let space = String(repeating: " ", count: width - word.text.count)
                return "\(word.text)\(space)  \(word.meaning)"
            }
            let example = setting.words.last { $0 != setting.initial } ?? setting.initial
            return CommandConfiguration(
                commandName: name,
                abstract: "Decide \(setting.decides).",
                discussion: """
                    \(words.joined(separator: "\n"))

                    It holds from the next request on, and can be changed at any time. A new tenant has \
                    `\(setting.initial.text)`.

                    Example:
                      pharos-scim tenant \(name) acme \(example.text)
                    """
            )
        }

        @OptionGroup var name: TenantArgument
        @Argument(
            help: ArgumentHelp(
                "What holds from now on.",
                valueName: SettingWord<Value>.setting.hyphenatedName
            )
        )
        var word: SettingWord<Value>
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let setting = SettingWord<Value>.setting
            let body = JSONObject(uniqueMembers: [.init(name: setting.name, value: .string(word.text))])
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/\(setting.hyphenatedName)", body)
                .show(output) { AdminText.tenant($0) }
        }
    }

    struct ClearIgnored: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clear-ignored",
            abstract: "Empty the list of attributes that a tenant's clients send to no effect.",
            discussion: """
                `tenant show` has the list. It stays empty once the client's mapping is mended, or a schema defines the \
                attributes. Nothing else changes.

                Example:
                  pharos-scim tenant clear-ignored acme
                """
        )

        @OptionGroup var name: TenantArgument
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await data.send(.post, "/tenants/\(name.tenant.escaped)/clear-ignored")
                .show(output) { AdminText.tenant($0) }
        }
    }
}

/// A word of the setting whose values are of a type.
struct SettingWord<Value>: ExpressibleByArgument {
    let text: String

    static var setting: TenantSetting {
        guard let setting = TenantSetting.all.first(where: { $0.type == Value.self }) else {
            preconditionFailure("\(Value.self) is the type of no setting.")
        }
        return setting
    }

    static var initial: Self { Self(text: setting.initial.text) }

    static var allValueStrings: [String] { setting.words.map(\.text) }

    static var allValueDescriptions: [String: String] {
        Dictionary(uniqueKeysWithValues: setting.words.map { ($0.text, $0.meaning) })
    }

    var defaultValueDescription: String { text }
}

extension SettingWord {
    init?(argument: String) {
        guard Self.allValueStrings.contains(argument) else { return nil }
        self.init(text: argument)
    }
}
