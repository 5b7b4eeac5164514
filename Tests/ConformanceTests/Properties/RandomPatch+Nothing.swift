import JSON
import SCIM
import TestSupport

// Values that are empty or say nothing, and removals with a value: the corners of docs/reference/patch.md.

extension RandomPatch {
    /// What a value without content says.
    private enum Emptiness { case unassigned, nothing, part }

    private mutating func emptyValue(part: String, isList: Bool) -> (JSONValue, Emptiness) {
        switch Int.random(in: 0...(isList ? 8 : 7), using: &random) {
        case 0: (.null, .unassigned)
        case 1: (.array([]), .unassigned)
        case 2: (.string(""), .unassigned)
        case 3: (.object(JSONObject()), .nothing)
        case 4: (Self.object(["shoeSize": .number(JSONNumber(9))]), .nothing)
        case 5: (Self.object([part: .null]), .part)
        case 6: (Self.object([part: .string("")]), .part)
        case 7: (Self.object([part: .null, "shoeSize": .string("x")]), .part)
        default: (.array([Self.object(["shoeSize": .null]), .null]), .nothing)
        }
    }

    private static func object(_ members: ModelElement) -> JSONValue { .object(ModelUser.object(members)) }

    /// A value without content, for any kind of target.
    mutating func nothing(_ op: String) -> ModelOperation {
        switch Int.random(in: 0...4, using: &random) {
        case 0: return nothingComplex(op)
        case 1: return nothingInList(op)
        case 2: return nothingSelected(op)
        case 3: return nothingInExtension(op)
        default: return nothingSimple(op)
        }
    }

    private mutating func nothingSimple(_ op: String) -> ModelOperation {
        let value = random.pick([JSONValue.null, .array([]), .string(""), .object(JSONObject())])
        let path = random.pick(Self.singles + ["name.givenName", "emails.display"])
        if case .object = value { return ModelOperation(refused: op, path, value, .invalidValue) }
        return ModelOperation(op, path, value) { user throws(ModelRefusal) in
            if Self.isAddition(op) { return }
            switch path {
            case "name.givenName": user.merge("name", ["givenName": .null])
            case "emails.display": user.unassign(["display"], in: "emails", where: nil)
            default: user.set(path, .null)
            }
        }
    }

    private mutating func nothingComplex(_ op: String) -> ModelOperation {
        let sub = random.pick(Self.subs)
        let (value, emptiness) = emptyValue(part: sub, isList: false)
        return ModelOperation(op, "name", value) { user throws(ModelRefusal) in
            if Self.isAddition(op) { return }
            switch emptiness {
            case .unassigned: user.complexes["name"] = nil
            case .part: user.merge("name", [sub: .null])
            case .nothing: break
            }
        }
    }

    private mutating func nothingInList(_ op: String) -> ModelOperation {
        let list = random.pick(Self.lists)
        let (value, emptiness) = emptyValue(part: "value", isList: true)
        return ModelOperation(op, list, value) { user throws(ModelRefusal) in
            if !Self.isAddition(op), emptiness == .unassigned { user.lists[list] = nil }
        }
    }

    private mutating func nothingSelected(_ op: String) -> ModelOperation {
        let (list, condition) = (random.pick(Self.lists), condition())
        let sub = random.pick(["value", "display"])
        let (value, emptiness) = emptyValue(part: sub, isList: true)
        return ModelOperation(op, "\(list)\(condition.text)", value) { user throws(ModelRefusal) in
            if Self.isAddition(op) { return }
            switch emptiness {
            case .unassigned: user.remove(from: list, where: condition.holds)
            case .part: user.unassign([sub], in: list, where: condition)
            case .nothing: break
            }
        }
    }

    private mutating func nothingInExtension(_ op: String) -> ModelOperation {
        let path = "\(ModelUser.enterprise):department"
        let (value, emptiness) = emptyValue(part: "department", isList: false)
        return ModelOperation(op, ModelUser.enterprise, value) { user throws(ModelRefusal) in
            if Self.isAddition(op) { return }
            switch emptiness {
            case .unassigned: user.removeEnterprise()
            case .part: user.set(path, .null)
            case .nothing: break
            }
        }
    }

    // MARK: - remove

    /// A removal of what has a value, and of nothing else.
    mutating func removalByValue() -> ModelOperation {
        let value = text()
        switch Int.random(in: 0...4, using: &random) {
        case 0:
            let path = random.pick(["nickName", "title", "\(ModelUser.enterprise):costCenter"])
            return ModelOperation("remove", path, value) { user throws(ModelRefusal) in
                if ModelUser.prepared(user.values[path]) == ModelUser.prepared(value) {
                    user.set(path, .null)
                }
            }
        case 1:
            let sub = random.pick(Self.subs)
            return ModelOperation("remove", "name", Self.object([sub: value])) { user throws(ModelRefusal) in
                user.removePart(sub, of: "name", like: value)
            }
        case 2:
            let path = "\(ModelUser.enterprise):department"
            return ModelOperation("Remove", ModelUser.enterprise, Self.object(["department": value])) {
                user throws(ModelRefusal) in
                if ModelUser.prepared(user.values[path]) == ModelUser.prepared(value) {
                    user.set(path, .null)
                }
            }
        case 3:
            let (list, condition) = (random.pick(Self.lists), condition())
            return ModelOperation("remove", "\(list)\(condition.text)", Self.object(["value": value])) {
                user throws(ModelRefusal) in
                user.remove(from: list) {
                    condition.holds($0) && ModelCondition(sub: "value", value: value).holds($0)
                }
            }
        default:
            let list = random.pick(Self.lists)
            let named: ModelElement =
                random.isOne(in: 2) ? ["display": value, "shoeSize": value] : ["display": value]
            return ModelOperation("remove", list, Self.object(named)) { user throws(ModelRefusal) in
                guard named.count == 1 else { return }
                user.remove(from: list, where: ModelCondition(sub: "display", value: value).holds)
            }
        }
    }
}

extension ModelUser {
    /// Unassigns a sub-attribute that has a value.
    mutating func removePart(_ sub: String, of path: String, like value: JSONValue) {
        guard let old = complexes[path]?[sub], Self.prepared(old) == Self.prepared(value) else { return }
        merge(path, [sub: .null])
    }
}
