import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

/// A directory with a tenant, and shorthand for changes of its resources.
struct SeriesBench {
    let service: TestService
    let client: TestClient
    let access: TenantAccess

    init(_ store: any Store) async throws {
        service = TestService(store: store)
        client = try await service.client()
        let token = try #require(client.token)
        access = try Authenticator(store: store, environment: service.environment)
            .authenticate(Array("Bearer \(token)".utf8).span, tenant: "acme", .background)
    }

    var directory: ResourceDirectory { service.directory }

    func change(
        _ kind: Int,
        _ action: Change.Action,
        if condition: VersionCondition = .none
    ) -> Change {
        Change(
            action,
            ChangeContext(
                access: access,
                kind: access.kinds.all[kind],
                baseURL: "https://scim.example.com/acme/scim/v2",
                origin: AuditOrigin(),
                condition: condition,
                successStatus: { _ in 200 }
            )
        )
    }

    func user(_ id: UniqueID, _ userName: String, title: String = "") throws -> Change {
        let body = #"{"schemas":["\#(Schema.user.id)"],"userName":"\#(userName)","title":"\#(title)"}"#
        let decoded = try ResourceDecoder.decode(JSONValue(parsing: Array(body.utf8)), as: .user, .default)
        return change(0, .create(id, decoded))
    }

    func group(_ id: UniqueID, _ members: [UniqueID]) throws -> Change {
        let list = members.map { #"{"value":"\#($0.text)"}"# }.joined(separator: ",")
        let body = #"{"schemas":["\#(Schema.group.id)"],"displayName":"\#(id.text)","members":[\#(list)]}"#
        let decoded = try ResourceDecoder.decode(JSONValue(parsing: Array(body.utf8)), as: .group, .default)
        return change(1, .create(id, decoded))
    }

    func retitle(
        _ id: UniqueID,
        _ title: String,
        if condition: VersionCondition = .none
    ) throws -> Change {
        let body =
            #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[{"op":"add","path":"title","value":"\#(title)"}]}"#
        let plan = try PatchPlan(decoding: JSONValue(parsing: Array(body.utf8)), type: .user, .default)
        return change(0, .patch(id, plan), if: condition)
    }

    func series(_ steps: [ChangeStep]) -> ChangeSeries<ListedChanges> {
        ChangeSeries(ListedChanges(steps: steps, access: access), in: directory)
    }

    func makeTogether(_ changes: [Change]) async throws(FailedChange) -> [ChangeOutcome] {
        try await series(changes.map { ChangeStep($0) }).runTogether()
    }

    func findings() throws -> [String] { try service.findings() }
}

/// Changes that are ready.
struct ListedChanges: ChangeSource {
    let steps: [ChangeStep]
    let access: TenantAccess

    var order: [Int] { Array(steps.indices) }

    func creation(at place: Int) -> NewResource? {
        guard case .create(let id, _) = steps[place].change.action else { return nil }
        return NewResource(steps[place].change.context.kind, id, of: access)
    }

    func step(at place: Int, _ pace: WorkPace) -> ChangeStep { steps[place] }

    var tenant: UInt32 { steps[0].change.context.tenant }
}
