import JSON
import SCIM
import TestSupport

/// One PATCH operation on a user: as a client sends it, and what the model makes of it.
struct ModelOperation {
    let json: JSONValue
    /// Why it is refused whatever the resource, and before anything is applied; nil if it is not.
    private(set) var fault: SCIMError.Keyword?
    /// Whether it gives the user a name or takes it; nil if it does neither.
    var assignsName: Bool?
    let apply: (inout ModelUser) throws(ModelRefusal) -> Void

    init(
        _ op: String,
        _ path: String?,
        _ value: JSONValue? = nil,
        apply: @escaping (inout ModelUser) throws(ModelRefusal) -> Void
    ) {
        let members = [("op", .string(op)), path.map { ("path", .string($0)) }, value.map { ("value", $0) }]
        json = .object(
            JSONObject(uniqueMembers: members.compactMap { $0 }.map { .init(name: $0.0, value: $0.1) })
        )
        self.apply = apply
    }

    /// An operation that no resource takes.
    init(refused op: String, _ path: String?, _ value: JSONValue?, _ fault: SCIMError.Keyword) {
        self.init(op, path, value) { _ throws(ModelRefusal) in throw ModelRefusal(fault) }
        self.fault = fault
    }
}

/// Draws PATCH operations on users, good ones and bad ones.
struct RandomPatch {
    var random: SeededGenerator

    private static let texts = ["Ann", "ann", "Bob", "Straße", "e\u{301}", "x y", "Z"]
    private static let names = [
        "ann@example.com", "BOB@example.com", "bob@example.com", "cy@example.com", "straße", "STRASSE",
    ]
    static let singles = [
        "displayName", "nickName", "title", "externalId", "\(ModelUser.enterprise):department",
        "\(ModelUser.enterprise):costCenter",
    ]
    static let lists = ["emails", "phoneNumbers"]
    static let subs = ["familyName", "givenName"]

    mutating func next() -> ModelOperation {
        let op = random.pick(["add", "replace", "Add", "REPLACE"])
        switch Int.random(in: 0...23, using: &random) {
        case 0, 1: return single(op)
        case 2: return userName(op)
        case 3: return active(op)
        case 4: return removal(of: random.pick(Self.singles))
        case 5: return name(op)
        case 6: return namePart(op)
        case 7: return manager(op)
        case 8: return enterprise(op)
        case 9, 10: return elements(op)
        case 11, 12: return selected(op)
        case 13: return replacedElement()
        case 14: return removedElements()
        case 15: return removedParts()
        case 16: return pathless(op)
        case 17, 18, 19, 20: return nothing(op)
        case 21, 22: return removalByValue()
        default: return random.isOne(in: 2) ? refused(op) : ignored(op)
        }
    }

    mutating func newName() -> JSONValue { .string(random.pick(Self.names)) }

    // MARK: - Single values

    mutating func text() -> JSONValue { .string(random.pick(Self.texts)) }

    private mutating func single(_ op: String) -> ModelOperation {
        let path = random.pick(Self.singles)
        let value = random.isOne(in: 6) ? .null : text()
        return ModelOperation(op, path, value) { user throws(ModelRefusal) in
            if !(Self.isAddition(op) && value == .null) { user.set(path, value) }
        }
    }

    /// Whether an operation is one that takes nothing away (RFC 7644 §3.5.2.1).
    static func isAddition(_ op: String) -> Bool { op.lowercased() == "add" }

    private mutating func userName(_ op: String) -> ModelOperation {
        let value = random.isOne(in: 6) ? .null : newName()
        var operation = ModelOperation(op, "username", value) { user throws(ModelRefusal) in
            if !(Self.isAddition(op) && value == .null) { user.set("userName", value) }
        }
        if !(Self.isAddition(op) && value == .null) { operation.assignsName = value != .null }
        return operation
    }

    private mutating func active(_ op: String) -> ModelOperation {
        let flag = random.isOne(in: 2)
        let value: JSONValue = random.isOne(in: 2) ? .bool(flag) : .string(flag ? "True" : "false")
        return ModelOperation(op, "active", value) { user throws(ModelRefusal) in
            user.set("active", .bool(flag))
        }
    }

    private func removal(of path: String) -> ModelOperation {
        ModelOperation("remove", path) { user throws(ModelRefusal) in user.set(path, .null) }
    }

    // MARK: - Complex values

    private mutating func name(_ op: String) -> ModelOperation {
        var members: ModelElement = [:]
        for sub in Self.subs where random.isOne(in: 2) || members.isEmpty {
            members[sub] = random.isOne(in: 6) ? .null : text()
        }
        let value = JSONValue.object(ModelUser.object(members))
        let kept = Self.isAddition(op) ? members.filter { $0.value != .null } : members
        return ModelOperation(op, "name", value) { user throws(ModelRefusal) in user.merge("name", kept) }
    }

    private mutating func namePart(_ op: String) -> ModelOperation {
        let sub = random.pick(Self.subs)
        guard !random.isOne(in: 3) else {
            return ModelOperation("remove", "name.\(sub)") { user throws(ModelRefusal) in
                user.merge("name", [sub: .null])
            }
        }
        let value = text()
        return ModelOperation(op, "name.\(sub)", value) { user throws(ModelRefusal) in
            user.merge("name", [sub: value])
        }
    }

    private mutating func manager(_ op: String) -> ModelOperation {
        let path = "\(ModelUser.enterprise):manager"
        let value = text()
        let apply = { (user: inout ModelUser) throws(ModelRefusal) in user.merge(path, ["value": value]) }
        switch Int.random(in: 0...4, using: &random) {
        case 0: return ModelOperation(op, path, value, apply: apply)
        case 1: return ModelOperation(op, "\(path).value", value, apply: apply)
        case 2: return ModelOperation(op, path, .object(ModelUser.object(["value": value])), apply: apply)
        case 3:
            return ModelOperation(op, path, .string("")) { user throws(ModelRefusal) in
                if !Self.isAddition(op) { user.complexes[path] = nil }
            }
        default:
            return ModelOperation("remove", path) { user throws(ModelRefusal) in user.complexes[path] = nil }
        }
    }

    private mutating func enterprise(_ op: String) -> ModelOperation {
        guard !random.isOne(in: 3) else {
            return ModelOperation("remove", ModelUser.enterprise) { user throws(ModelRefusal) in
                user.removeEnterprise()
            }
        }
        let value = text()
        return ModelOperation(op, ModelUser.enterprise, .object(ModelUser.object(["department": value]))) {
            user throws(ModelRefusal) in user.set("\(ModelUser.enterprise):department", value)
        }
    }

    // MARK: - Lists

    private mutating func element() -> ModelElement {
        var element: ModelElement = ["value": text()]
        if !random.isOne(in: 5) { element["type"] = .string(random.pick(["work", "Work", "home"])) }
        if random.isOne(in: 3) { element["display"] = text() }
        if random.isOne(in: 3) { element["primary"] = .bool(random.isOne(in: 2)) }
        return element
    }

    mutating func condition() -> ModelCondition {
        switch Int.random(in: 0...3, using: &random) {
        case 0: ModelCondition(sub: "primary", value: .bool(random.isOne(in: 2)))
        case 1: ModelCondition(sub: "value", value: text())
        default: ModelCondition(sub: "type", value: .string(random.pick(["work", "WORK", "home", "other"])))
        }
    }

    private mutating func elements(_ op: String) -> ModelOperation {
        let list = random.pick(Self.lists)
        let new = (0..<Int.random(in: 1...3, using: &random)).map { _ in element() }
        let isOne = new.count == 1 && random.isOne(in: 2)
        let values = new.map { JSONValue.object(ModelUser.object($0)) }
        // The same element twice is there once.
        let distinct = new.indices.filter { !new[..<$0].contains(new[$0]) }
        guard distinct.count(where: { new[$0]["primary"] == .bool(true) }) <= 1 else {
            return ModelOperation(refused: op, list, .array(values), .invalidValue)
        }
        return ModelOperation(op, list, isOne ? values[0] : .array(values)) { user throws(ModelRefusal) in
            if Self.isAddition(op) {
                try user.add(new, to: list)
            } else {
                try user.replace(list, with: new)
            }
        }
    }

    private mutating func selected(_ op: String) -> ModelOperation {
        let (list, condition) = (random.pick(Self.lists), condition())
        let sub = random.pick(["value", "display", "primary"])
        var value = sub == "primary" ? .bool(random.isOne(in: 2)) : text()
        if sub == "display", random.isOne(in: 4) { value = .null }
        let new = value
        return ModelOperation(op, "\(list)\(condition.text).\(sub)", value) { user throws(ModelRefusal) in
            if !(Self.isAddition(op) && new == .null) { try user.set(sub, new, in: list, where: condition) }
        }
    }

    private mutating func replacedElement() -> ModelOperation {
        let (list, condition, element) = (random.pick(Self.lists), condition(), element())
        let value = JSONValue.object(ModelUser.object(element))
        return ModelOperation("replace", "\(list)\(condition.text)", value) { user throws(ModelRefusal) in
            try user.replace(in: list, where: condition, with: element)
        }
    }

    private mutating func removedElements() -> ModelOperation {
        let (list, condition) = (random.pick(Self.lists), condition())
        switch Int.random(in: 0...3, using: &random) {
        case 0: return ModelOperation("remove", list) { user throws(ModelRefusal) in user.lists[list] = nil }
        case 1:
            let value = text()
            let named = JSONValue.array([.object(ModelUser.object(["value": value]))])
            return ModelOperation("remove", list, named) { user throws(ModelRefusal) in
                user.remove(from: list, where: ModelCondition(sub: "value", value: value).holds)
            }
        default:
            return ModelOperation("Remove", "\(list)\(condition.text)") { user throws(ModelRefusal) in
                user.remove(from: list, where: condition.holds)
            }
        }
    }

    private mutating func removedParts() -> ModelOperation {
        let (list, condition) = (random.pick(Self.lists), condition())
        let sub = random.pick(["value", "display", "primary", "type"])
        return ModelOperation("remove", "\(list)\(condition.text).\(sub)") { user throws(ModelRefusal) in
            guard user.lists[list]?.contains(where: condition.holds) == true else { return }
            try user.set(sub, .null, in: list, where: condition)
        }
    }

    // MARK: - Others

    private mutating func pathless(_ op: String) -> ModelOperation {
        let (value, part, element) = (text(), text(), element())
        let members: ModelElement = [
            "displayName": value, "name.givenName": part, "id": .string("mine"),
            "unheardOf": .number(JSONNumber(1)),
            "phoneNumbers": .array([.object(ModelUser.object(element))]),
            ModelUser.enterprise: .object(ModelUser.object(["costCenter": value])),
        ]
        return ModelOperation(op, nil, .object(ModelUser.object(members))) { user throws(ModelRefusal) in
            user.set("displayName", value)
            user.merge("name", ["givenName": part])
            user.set("\(ModelUser.enterprise):costCenter", value)
            if Self.isAddition(op) {
                try user.add([element], to: "phoneNumbers")
            } else {
                try user.replace("phoneNumbers", with: [element])
            }
        }
    }

    private mutating func ignored(_ op: String) -> ModelOperation {
        ModelOperation(op, random.pick(["unheardOf", "urn:example:other:thing", "password"]), text()) {
            _ throws(ModelRefusal) in
        }
    }

    private mutating func refused(_ op: String) -> ModelOperation {
        let cases: [(String, String, JSONValue?, SCIMError.Keyword)] = [
            (op, "id", .string("x"), .mutability), (op, "meta.created", .string("x"), .mutability),
            ("remove", "groups", nil, .mutability), ("remove", "userName", nil, .mutability),
            (op, "emails[type eq \"work\"", .string("x"), .invalidPath),
            (op, "na me", .string("x"), .invalidPath),
            (op, "emails[type xx \"work\"].value", .string("x"), .invalidFilter),
            (op, "emails[primary gt true].value", .string("x"), .invalidFilter),
            (op, "active", .string("perhaps"), .invalidValue),
            (op, "name", .number(JSONNumber(3)), .invalidValue),
            (op, "title", .object(JSONObject()), .invalidValue),
        ]
        let (op, path, value, keyword) = random.pick(cases)
        return ModelOperation(refused: op, path, value, keyword)
    }
}
