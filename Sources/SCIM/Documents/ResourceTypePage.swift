import JSON

/// A page that describes a resource type to people, in Markdown, from the values by which the server decides.
package struct ResourceTypePage {
    private let type: ResourceType
    private let baseURL: String

    /// `baseURL`: the Tenant URL without a slash at its end.
    package init(_ type: ResourceType, baseURL: String) {
        self.type = type
        self.baseURL = baseURL
    }

    package var text: String {
        var parts = [
            "# \(type.name)", Self.sentence(type.description),
            """
            | | |
            | --- | --- |
            | Endpoint | `\(type.endpoint)` |
            | Schema | `\(type.schema.id)` |
            | Extensions | \(extensions) |
            """,
            "## Attributes of every resource", Self.table(CommonAttributes.definitions),
            "## Attributes of \(type.schema.name)", "Schema `\(type.schema.id)`.",
            Self.table(type.schema.attributes),
        ]
        for part in type.extensions {
            parts.append("## Extension \(part.schema.name)")
            let need = part.required ? "Every \(type.name) has them." : "Optional."
            let sentences = [
                Self.sentence(part.schema.description), "In the container `\(part.schema.id)`.", need,
            ]
            parts.append(sentences.filter { !$0.isEmpty }.joined(separator: " "))
            parts.append(Self.table(part.schema.attributes))
        }
        let example = ResourceExample(type, baseURL: baseURL)
        parts += [
            "## Example of a request", "`POST \(baseURL)\(type.endpoint)`", Self.block(example.request),
        ]
        parts += ["## Example of an answer", Self.block(example.answer), Self.legend]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private var extensions: String {
        let names = type.extensions.map { "`\($0.schema.id)`\($0.required ? " (required)" : "")" }
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }

    private static let legend = """
        ## Words

        Mutability (RFC 7643 §7): what a client sends for a `readOnly` attribute is ignored; an `immutable` one is set \
        once; a `writeOnly` one is never answered. Returned: `default` attributes are answered unless the client names \
        others, `request` only if it names them. Uniqueness `server`: no two resources of the tenant share a value. \
        Attributes that are not case exact are compared without regard to case, width and composition. Canonical values \
        are proposals; others are accepted unless the tenant's profile is strict.
        """

    private static func block(_ object: JSONObject) -> String {
        "```json\n\(JSONValue.object(object).indented)\n```"
    }

    private static func table(_ attributes: [AttributeDefinition]) -> String {
        let head = """
            | Attribute | Type | Required | Case exact | Mutability | Returned | Uniqueness | Canonical values | Description |
            | --- | --- | --- | --- | --- | --- | --- | --- | --- |
            """
        let rows = attributes.flatMap { attribute in
            [row(attribute, name: attribute.name)]
                + attribute.subAttributes.map { row($0, name: "\(attribute.name).\($0.name)") }
        }
        return ([head] + rows).joined(separator: "\n")
    }

    private static func row(_ attribute: AttributeDefinition, name: String) -> String {
        var type = attribute.type.rawValue
        if !attribute.referenceTypes.isEmpty {
            type += " to \(attribute.referenceTypes.map(cell).joined(separator: ", "))"
        }
        if attribute.multiValued { type += ", multi-valued" }
        let isText = [.string, .reference, .binary].contains(attribute.type)
        let cells = [
            "`\(name)`", type, attribute.required ? "yes" : "no",
            isText ? (attribute.caseExact ? "yes" : "no") : "–", attribute.mutability.rawValue,
            attribute.returned.rawValue, attribute.type == .complex ? "–" : attribute.uniqueness.rawValue,
            attribute.canonicalValues.map { "`\(cell($0))`" }.joined(separator: " "),
            cell(attribute.description),
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    /// A text that ends no cell and begins no markup.
    private static func cell(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "|", "`", "<", "*", "_", "[", "\\": result += "\\\(character)"
            case _ where character.isNewline: result += " "
            default: result.append(character)
            }
        }
        return result
    }

    private static func sentence(_ text: String) -> String {
        let text = cell(text)
        return text.isEmpty || text.hasSuffix(".") ? text : text + "."
    }
}
