/// One thing that an operator decides for a tenant, by one of a few words.
///
/// An entry of the table beside ``TenantSettings``.
package struct TenantSetting: Sendable {
    package struct Word: Sendable, Equatable {
        package let text: String
        /// What stands for it in stored rows.
        let number: UInt8
        /// What it brings, for operators.
        package let meaning: String
    }

    /// The name in JSON and in audit records.
    package let name: String
    /// What stands for it in stored rows.
    let number: UInt8
    /// The name in `tenant show`.
    package let title: String
    /// The rest of a sentence that begins with "Decide".
    package let decides: String
    package let words: [Word]
    /// The enumeration of its values, which no other setting has.
    package let type: Any.Type
    private let read: @Sendable (TenantSettings) -> String
    private let write: @Sendable (String, inout TenantSettings) -> Bool

    /// Takes the property with the setting's value, and a number and a meaning for each value.
    init<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String,
        number: UInt8,
        _ property: any WritableKeyPath<TenantSettings, Value> & Sendable,
        title: String,
        decides: String,
        _ describe: (Value) -> (number: UInt8, meaning: String)
    ) {
        self.name = name
        self.number = number
        self.title = title
        self.decides = decides
        type = Value.self
        words = Value.allCases.map { value in
            let (number, meaning) = describe(value)
            return Word(text: value.rawValue, number: number, meaning: meaning)
        }
        read = { $0[keyPath: property].rawValue }
        write = { text, settings in
            guard let value = Value(rawValue: text) else { return false }
            settings[keyPath: property] = value
            return true
        }
    }

    /// Whether it decides what the audit trail tells, so that a change of it is ``AuditEvent/auditPolicy``.
    var concernsTrail: Bool { name.hasPrefix("audit") }

    /// The name in command lines and in paths of the admin interface: `url-filters`.
    package var hyphenatedName: String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : "\($1)" }
    }

    /// The word that a tenant has before an operator decides.
    package var initial: Word { word(in: TenantSettings()) }

    package func word(in settings: TenantSettings) -> Word {
        let text = read(settings)
        guard let word = words.first(where: { $0.text == text }) else {
            preconditionFailure("Every value of \(name) has a word.")
        }
        return word
    }

    /// False, and without effect, if the setting has no such word.
    package func set(_ text: String, in settings: inout TenantSettings) -> Bool { write(text, &settings) }
}

extension TenantSetting: Equatable {
    package static func == (left: TenantSetting, right: TenantSetting) -> Bool { left.name == right.name }
}
