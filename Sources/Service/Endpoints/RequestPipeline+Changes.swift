import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy

/// What a request, or an operation of a bulk request, asks of one resource; its body not yet understood.
struct AskedChange {
    let method: BulkMethod
    let kind: ResourceKind
    /// The resource, which a creation makes under this id; nil for a text that is no id, so that there is no such resource.
    let id: UniqueID?
    var body = AskedBody.none
    var condition = VersionCondition.none
    /// Whether it is a request of its own, whose answer may show the resource.
    var isAnswered = true
    /// Whether the client asked for attributes in the answer.
    var wantsBody = false
}

/// What a request, or an operation of a bulk request, brings with it.
enum AskedBody {
    case none
    case document(JSONDocument)
    /// In which something may have been replaced.
    case value(JSONValue)
    /// One of a PATCH that a request of the connection before has shown how to understand.
    case plan(PatchPlan)

    /// As a tree, whose memory is several times that of the text.
    var value: JSONValue {
        switch self {
        case .none, .plan: .null
        case .document(let document): document.value
        case .value(let value): value
        }
    }

    /// As a resource, of whose members no tree is built if that can be helped.
    ///
    /// - Returns: nil if it takes longer than the budget has, which is spent then.
    func resource(
        of type: ResourceType,
        _ profile: Profile,
        _ budget: inout WorkBudget
    ) throws(SCIMError) -> DecodedResource? {
        switch self {
        case .document(let document): try ResourceDecoder.decode(document, as: type, profile, &budget)
        case .none, .value, .plan: try ResourceDecoder.decode(value, as: type, profile, &budget)
        }
    }

    /// As what a PATCH asks for, of which no tree is built but of its values if that can be helped.
    func plan(for type: ResourceType, _ profile: Profile) throws(SCIMError) -> PatchPlan {
        switch self {
        case .plan(let plan): plan
        case .document(let document): try PatchPlan(decoding: document, type: type, profile)
        case .none, .value: try PatchPlan(decoding: value, type: type, profile)
        }
    }
}

extension RequestPipeline {
    /// Understands a change: the one way from a body to what happens, for single requests and for bulk requests.
    ///
    /// A body that is wrong whatever the resource is refused before anybody looks whether there is such a resource.
    /// - Throws: ``DirectoryError/tooLongForLoop`` if that takes too long for a loop, and happens on one.
    func change(
        _ asked: AskedChange,
        _ access: TenantAccess,
        _ exchange: Exchange,
        _ pace: WorkPace
    ) throws(DirectoryError) -> Change {
        let action = try action(asked, access.profile, pace)
        return Change(
            action,
            ChangeContext(
                access: access,
                kind: asked.kind,
                baseURL: exchange.baseURL,
                origin: exchange.origin,
                condition: asked.condition,
                isAnswered: asked.isAnswered,
                successStatus: Self.successStatus(asked, access.profile)
            ),
            byteCount: exchange.request.body.count
        )
    }

    private func action(
        _ asked: AskedChange,
        _ profile: Profile,
        _ pace: WorkPace
    ) throws(DirectoryError) -> Change.Action {
        var budget = WorkBudget(pace == .loop ? PatchLimits.workOnLoopMax : PatchLimits.workMax)
        let type = asked.kind.type
        var resource: DecodedResource?
        var plan: PatchPlan?
        do throws(SCIMError) {
            switch asked.method {
            case .post, .put: resource = try asked.body.resource(of: type, profile, &budget)
            case .patch: plan = try asked.body.plan(for: type, profile)
            case .delete: break
            }
        } catch {
            throw .rejected(error)
        }
        guard !budget.isSpent else { throw pace == .loop ? .tooLongForLoop : .rejected(.tooMuchWork) }
        guard let id = asked.id else { throw .notFound }
        let action: Change.Action? =
            switch asked.method {
            case .post: resource.map { .create(id, $0) }
            case .put: resource.map { .replace(id, $0) }
            case .patch: plan.map { .patch(id, $0) }
            case .delete: .delete(id)
            }
        guard let action else { throw .notFound }
        return action
    }

    private static func successStatus(
        _ asked: AskedChange,
        _ profile: Profile
    ) -> @Sendable (_ members: Int) -> UInt16 {
        switch asked.method {
        case .post: return { _ in Status.created.code }
        case .put: return { _ in Status.ok.code }
        case .delete: return { _ in Status.noContent.code }
        case .patch:
            // A group's answer is bounded: its members are listed while they are few, or because they were asked for.
            let wantsBody = asked.wantsBody
            let mayAnswer = asked.kind.type.membersAttribute == nil || profile.contains(.groupInPatchAnswer)
            return { members in
                wantsBody || mayAnswer && members <= ResourceDirectory.membersAnsweredMax
                    ? Status.ok.code : Status.noContent.code
            }
        }
    }
}
