import JSON
import SCIM

/// A PATCH request is refused, or makes a resource of a resource: one that can be stored, read and changed again.
enum PatchTarget {
    static func check(_ bytes: [UInt8]) {
        guard let body = try? JSONValue(parsing: bytes) else { return }
        for profile in Samples.profiles {
            if let plan = try? PatchPlan(decoding: body, type: .user, profile) {
                checkApplied(plan, to: Samples.user, .user, profile)
                checkApplied(plan, to: Samples.bareUser, .user, profile)
            }
            if let plan = try? PatchPlan(decoding: body, type: .group, profile) {
                checkApplied(plan, to: Samples.group, .group, profile)
                checkMembers(plan)
            }
        }
    }

    private static func checkApplied(
        _ plan: PatchPlan,
        to resource: Resource,
        _ type: ResourceType,
        _ profile: Profile
    ) {
        let result: Resource
        do throws(SCIMError) { result = try plan.apply(to: resource) } catch {
            let again = Result { () throws(SCIMError) in try plan.apply(to: resource) }
            guard case .failure(let second) = again else { return hold(false, "a refusal is repeated") }
            return hold(second.detail == error.detail, "a refusal is repeated")
        }
        hold((try? plan.apply(to: resource)) == result, "equal inputs give equal results")
        checkNormal(.object(result.attributes))

        var stored: [UInt8] = []
        result.attributes.write(to: &stored)
        hold(stored.count <= ResourceLimits.resourceBytesMax, "a resource is within its limit")
        guard case .object(let read)? = try? JSONValue(parsing: stored, limits: .stored) else {
            return hold(false, "what is stored can be read: \(String(decoding: stored, as: UTF8.self))")
        }
        hold(
            read == result.attributes,
            "what is stored reads the same: \(String(decoding: stored, as: UTF8.self))"
        )

        // A client may send back what it has read.
        var sent = result.attributes
        sent["schemas"] = .array(result.schemas.map(JSONValue.string))
        let replaced = try? ResourceDecoder.decode(.object(sent), as: type, profile)
        hold(
            replaced?.resource == result,
            "what a client reads it can send: \(String(decoding: stored, as: UTF8.self))"
        )
        _ = try? plan.apply(to: result)
    }

    /// Nothing in a resource is null or empty.
    private static func checkNormal(_ value: JSONValue) {
        switch value {
        case .null: hold(false, "nothing is null")
        case .array(let elements):
            hold(!elements.isEmpty, "no list is empty")
            for element in elements { checkNormal(element) }
        case .object(let object):
            hold(!object.isEmpty, "no complex value is empty")
            for member in object.members { checkNormal(member.value) }
        default: break
        }
    }

    private static func checkMembers(_ plan: PatchPlan) {
        for change in plan.members {
            switch change {
            case .add(let ids), .remove(let ids), .replaceAll(let ids): checkIDs(ids)
            case .exchange(let removed, let added):
                checkIDs(removed)
                checkIDs(added)
            case .removeAll: break
            case .removeMatching(let filter):
                let member = JSONObject(uniqueMembers: [.init(name: "value", value: .string("a"))])
                _ = filter.matches(element: .object(member))
            }
        }
    }

    private static func checkIDs(_ ids: MemberIDs) {
        let texts = Array(ids.texts)
        hold(texts.count == ids.count && MemberIDs(texts) == ids, "ids are texts")
    }
}
