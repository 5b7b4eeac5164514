import JSON

/// An example of a resource, made from its schemas, so that it shows every attribute that an answer can have.
package struct ResourceExample {
    private let type: ResourceType
    private let baseURL: String

    /// `baseURL`: the Tenant URL without a slash at its end.
    package init(_ type: ResourceType, baseURL: String) {
        self.type = type
        self.baseURL = baseURL
    }

    private static let id = "01a1ee56-5e08-762d-929b-73f66169bd52"
    private static let otherID = "01a1ee56-5e0a-7647-bffd-2395f9fa77e9"

    /// The resource as the server answers it.
    package var answer: JSONObject {
        var resource = body(with: { $0.returned == .default || $0.returned == .always })
        var meta: JSONObject = ["resourceType": .string(type.name), "created": "2026-11-24T08:00:00Z"]
        meta["lastModified"] = "2026-11-24T08:00:00Z"
        meta["location"] = "\(baseURL)\(type.endpoint)/\(Self.id)"
        meta["version"] = #"W/"17""#
        resource["id"] = .string(Self.id)
        resource["meta"] = .object(meta)
        return resource
    }

    /// The resource as a client writes it: what the server gives or knows is not in it.
    package var request: JSONObject { body(with: { $0.mutability != .readOnly && $0.name != "$ref" }) }

    private func body(with isShown: (AttributeDefinition) -> Bool) -> JSONObject {
        var resource = JSONObject()
        let schemas = [type.schema.id] + type.extensions.map(\.schema.id)
        resource["schemas"] = .array(schemas.map(JSONValue.string))
        resource["externalId"] = "00u1a2b3c4"
        for attribute in type.schema.attributes where isShown(attribute) {
            resource[attribute.name] = value(of: attribute, isShown)
        }
        for part in type.extensions {
            var container = JSONObject()
            for attribute in part.schema.attributes where isShown(attribute) {
                container[attribute.name] = value(of: attribute, isShown)
            }
            if !container.isEmpty { resource[part.schema.id] = .object(container) }
        }
        return resource
    }

    private func value(
        of attribute: AttributeDefinition,
        _ isShown: (AttributeDefinition) -> Bool
    ) -> JSONValue? {
        guard attribute.type == .complex else {
            let value = scalar(attribute, parent: nil)
            return attribute.multiValued ? [value] : value
        }
        var object = JSONObject()
        for sub in attribute.subAttributes where isShown(sub) {
            let value = scalar(sub, parent: attribute)
            object[sub.name] = sub.multiValued ? [value] : value
        }
        guard !object.isEmpty else { return nil }
        return attribute.multiValued ? [.object(object)] : .object(object)
    }

    private func scalar(_ attribute: AttributeDefinition, parent: AttributeDefinition?) -> JSONValue {
        switch attribute.type {
        case .boolean: return true
        case .integer: return 7
        case .decimal: return .number(JSONNumber(validated: "7.5"))
        case .dateTime: return "2026-11-24T08:00:00Z"
        case .binary: return "TUlJQ2RqQ0NBZCtnQXdJQkFnSUI="
        case .reference: return .string(reference(attribute))
        case .string, .complex: return .string(text(attribute, parent))
        }
    }

    private func reference(_ attribute: AttributeDefinition) -> String {
        guard let target = attribute.referenceTypes.first, target != "external", target != "uri" else {
            return "https://example.com/\(attribute.name)"
        }
        return "\(baseURL)/\(target)s/\(Self.otherID)"
    }

    private func text(_ attribute: AttributeDefinition, _ parent: AttributeDefinition?) -> String {
        if let known = Self.texts["\(parent.map { "\($0.name)." } ?? "")\(attribute.name)"] { return known }
        if let first = attribute.canonicalValues.first { return first }
        if let sibling = parent?.subAttribute("$ref"), attribute.name == "value", sibling.type == .reference {
            return Self.otherID
        }
        return Self.texts[attribute.name] ?? attribute.name
    }

    /// Texts by attribute, or by the path of a sub-attribute.
    private static let texts = [
        "userName": "bjensen@example.com", "displayName": "Barbara Jensen", "nickName": "Babs",
        "name.formatted": "Ms. Barbara J Jensen", "familyName": "Jensen", "givenName": "Barbara",
        "middleName": "Jane", "honorificPrefix": "Ms.", "honorificSuffix": "III", "title": "Tour guide",
        "userType": "Employee", "preferredLanguage": "en-GB", "locale": "en-GB", "timezone": "Europe/London",
        "emails.value": "bjensen@example.com", "phoneNumbers.value": "tel:+44-20-7946-0123",
        "ims.value": "babs", "formatted": "100 Universal Lane, London W1 1AA",
        "streetAddress": "100 Universal Lane", "locality": "London", "region": "Greater London",
        "postalCode": "W1 1AA", "country": "GB", "groups.display": "Tour guides", "roles.value": "guide",
        "entitlements.value": "colour", "employeeNumber": "701984", "costCenter": "4130",
        "organization": "Universal Studios", "division": "Theme park", "department": "Tours",
        "manager.displayName": "Jo Smith", "cards.value": "04a2b3c4d5e6f7", "defaultCostCenter": "4130",
    ]
}
