import JSON

extension JSONValue {
    /// Whether two values say the same: the order of an object's members does not count (RFC 7643 §2.3.8), that of an array's
    /// elements does.
    func isSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.object(let left), .object(let right)): left.isSame(as: right)
        default: self == other
        }
    }
}

extension JSONObject {
    /// Whether two objects have the same members, in any order.
    func isSame(as other: JSONObject) -> Bool {
        guard members.count == other.members.count else { return false }
        for index in members.indices {
            guard let place = other.index(of: members[index].name, near: index),
                members[index].value.isSame(as: other.members[place].value)
            else { return false }
        }
        return true
    }
}

extension JSONValue? {
    /// Whether both are absent, or both are there and say the same.
    func isSame(as other: JSONValue?) -> Bool {
        switch (self, other) {
        case (nil, nil): true
        case (let left?, let right?): left.isSame(as: right)
        default: false
        }
    }
}

extension AttributeDefinition {
    /// Whether two values of the attribute are equal as filters compare them: text in any case, unless the attribute is
    /// caseExact (RFC 7643 §7).
    func isSame(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        guard !caseExact, case .string(let left)? = left, case .string(let right)? = right else {
            return left.isSame(as: right)
        }
        return CasePreparation.prepare(left) == CasePreparation.prepare(right)
    }
}
