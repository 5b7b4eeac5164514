import Directory
import HTTP
import JSON
import SCIM
import Storage

/// What a request, or an operation of a bulk request, asks of one resource; its body not yet understood.
struct AskedChange {
    let method: BulkMethod
    let kind: ResourceKind
    /// The resource, which a creation makes under this id.
    let id: UniqueID
    /// Null where there is none.
    var body = JSONValue.null
    var condition = VersionCondition.none
    /// Whether the client asked for attributes in the answer.
    var wantsBody = false
}

extension RequestPipeline {
    /// Understands a change: the one way from a body to what happens, for single requests and for bulk requests.
    func change(
        _ asked: AskedChange,
        _ access: TenantAccess,
        _ exchange: Exchange
    ) throws(SCIMError) -> ResourceChange {
        let profile = access.profile
        let type = asked.kind.type
        let action: ResourceChange.Action =
            switch asked.method {
            case .post: .create(asked.id, try ResourceDecoder.decode(asked.body, as: type, profile))
            case .put: .replace(asked.id, try ResourceDecoder.decode(asked.body, as: type, profile))
            case .patch: .patch(asked.id, try PatchRequest.decode(asked.body, profile))
            case .delete: .delete(asked.id)
            }
        return ResourceChange(
            action,
            ChangeContext(
                access: access,
                kind: asked.kind,
                baseURL: exchange.baseURL,
                origin: exchange.origin,
                condition: asked.condition,
                successStatus: Self.successStatus(asked, profile)
            )
        )
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
