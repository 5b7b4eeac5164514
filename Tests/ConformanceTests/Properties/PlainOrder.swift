import JSON
import SCIM

/// RFC 7644 §3.4.2.3 to the letter: resources as they were answered, sorted by an attribute.
struct PlainOrder {
    /// `name.familyName`, `emails`, `urn:…:User:department`.
    let path: AttributePath
    let isDescending: Bool

    /// A value as it is ordered.
    private enum Value: Comparable {
        case time(Int64)
        case flag(Int)
        case text([UInt8])

        static func < (left: Value, right: Value) -> Bool {
            switch (left, right) {
            case (.time(let a), .time(let b)): a < b
            case (.flag(let a), .flag(let b)): a < b
            case (.text(let a), .text(let b)): a.lexicographicallyPrecedes(b)
            default: false
            }
        }
    }

    /// The resources of one type after the other, in the order of their ids where their values are the same.
    func sorted(_ resources: [(type: ResourceType, resource: JSONObject)]) -> [JSONObject] {
        let values = resources.map { value(of: $0.resource, $0.type) }
        return resources.indices.sorted { left, right in
            switch (values[left], values[right]) {
            case (let a?, let b?) where a != b: (a < b) != isDescending
            // A resource without a value is last in ascending order, and first in descending order.
            case (nil, .some): isDescending
            case (.some, nil): !isDescending
            default: left < right
            }
        }.map { resources[$0].resource }
    }

    private func value(of resource: JSONObject, _ type: ResourceType) -> Value? {
        guard let found = type.resolve(path) else { return nil }
        var names = found.names
        var definition = found.definition
        if definition.type == .complex {
            guard let sub = definition.subAttribute("value") else { return nil }
            definition = sub
            names.append("value")
        }
        var value: JSONValue? = .object(resource)
        for name in names {
            guard case .object(let object)? = value else { return nil }
            value = object[name]
            if case .array(let elements)? = value {
                let primary = elements.first { (try? $0.object["primary"]) == .bool(true) }
                value = primary ?? elements.first
            }
        }
        switch value {
        case .bool(let flag)?: return .flag(flag ? 1 : 0)
        case .string(let text)? where definition.type == .dateTime:
            return Timestamp(dateTime: text).map { .time($0.microseconds) }
        case .string(let text)?:
            let compared = definition.caseExact ? text : CasePreparation.prepare(text)
            return .text(Array(compared.utf8.prefix(SortKey.textBytesMax)))
        default: return nil
        }
    }
}
