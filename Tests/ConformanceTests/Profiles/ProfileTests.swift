import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("Profiles")
struct ProfileTests {
    /// What stands in the table of docs/reference/profiles.md: whoever changes a profile changes it in three places.
    private static let concessions: [ProfileName: Set<String>] = [
        .strict: [],
        .okta: [
            "pathlessPatch", "creationByFilter", "memberDetails", "groupInPatchAnswer", "undefinedAttributes",
            "undefinedAttributesInFilters", "foreignSchemas", "singleForArray", "looseNumbers", "otherValues",
            "conditionalRequests", "absentSchemas", "emptyOperations", "emptyTexts", "unknownMembers",
        ],
        .default: Set(Profile.decisions.map(\.name))
            .subtracting(["stringBooleansInFilters", "unknownMembers"]),
        .entra: Set(Profile.decisions.map(\.name)).subtracting(["groupInPatchAnswer"]),
    ]

    @Test(
        "F-11, F-13, H-01, H-02, H-08, H-11 to H-14, V-02: each contradiction is a decision, and has a case"
    )
    func everyDecisionHasACase() {
        #expect(Set(ProfileCase.all.map(\.decision)) == Set(Profile.decisions.map(\.name)))
        #expect(Set(Profile.decisions.map(\.member)).count == Profile.decisions.count)
    }

    @Test("A profile makes exactly its own decisions", arguments: ProfileName.allCases)
    func decisions(name: ProfileName) {
        let made = Profile.decisions.filter { name.profile.contains($0.member) }.map(\.name)
        #expect(Set(made) == Self.concessions[name])
    }

    @Test(
        "Each decision in each profile: with it the request takes effect, without it the request is refused or has none",
        arguments: ProfileCase.all,
        ProfileName.allCases
    )
    func behaviour(sample: ProfileCase, name: ProfileName) async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        let user = try await client.createUser(
            "ann",
            #","active":true,"emails":[{"value":"ann@example.com","type":"work","primary":true}]"#
        )
        let group = try await client.createGroup("Staff", members: [user])
        _ = try await service.administration.set(.profile, to: name.rawValue, tenant: "acme", by: .system)
        func filled(_ text: String) -> String {
            text.replacing("{user}", with: user).replacing("{group}", with: group)
        }
        let before = try service.records().count
        let answer = try await client.send(
            sample.method,
            filled(sample.path).replacing(" ", with: "%20"),
            sample.body.map(filled),
            fields: sample.ifNoneMatch ? [(.ifNoneMatch, "*")] : []
        )
        let body = String(decoding: answer.response.body, as: UTF8.self)
        let isGranted = Profile.decisions.contains {
            $0.name == sample.decision && name.profile.contains($0.member)
        }
        // A decision is met alone: the samples need no other, except where one refuses what another would ignore.
        if isGranted {
            #expect(answer.status == sample.status, "\(body)")
        } else if sample.decision == "groupInPatchAnswer" {
            #expect(answer.status == 204)
        } else if answer.status == 400 {
            #expect(
                sample.refusals.map { .string($0.rawValue) }.contains(answer.value("scimType")),
                "\(body)"
            )
            let written = try service.records().dropFirst(before).filter { $0["SCIM_OUTCOME"] == "success" }
            #expect(written.isEmpty, "a refused request has changed something")
        } else {
            #expect(sample.mayBeIgnored && answer.status == sample.status, "\(body)")
        }
        if let effect = sample.effect {
            let found = try await client.send(.get, "/Users?filter=\(effect.replacing(" ", with: "%20"))")
            #expect(found.integer("totalResults") == (isGranted ? 1 : 0))
        }
    }

    @Test(
        "The profile of a client takes everything that the client is known to send",
        arguments: [("okta", ProfileName.okta), ("entra", .entra)]
    )
    func flows(client: String, profile: ProfileName) async throws {
        let files = FlowFile.all.filter { $0.description.hasPrefix("\(client)/") }
        #expect(files.count >= 10)
        for file in files {
            var runner = try await FlowRunner(try Flow(file), profile: profile)
            try await runner.run()
        }
    }

    @Test(
        "A profile holds from the next request on, is recorded once by name, and survives in the tenant's row"
    )
    func switching() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        let user = try await client.createUser("ann")
        let request = #"{"op":"replace","value":{"title":"t"}}"#
        #expect(try await client.patch("/Users/\(user)", request).status == 200)
        let before = try service.records().count
        for _ in 0..<2 {
            let tenant = try await service.administration.set(
                .profile,
                to: "strict",
                tenant: "acme",
                by: .admin(nil)
            )
            #expect(tenant.settings.profile == .strict)
            #expect(try await client.patch("/Users/\(user)", request).status == 400)
        }
        let records = try service.records().dropFirst(before).filter { $0["SCIM_EVENT"] == "tenant.update" }
        #expect(records.count == 1)
        #expect(records.first?["SCIM_ATTR"] == "profile")
        #expect(records.first?["SCIM_SETTING_OLD"] == "default")
        #expect(records.first?["SCIM_SETTING_NEW"] == "strict")
        #expect(try service.administration.tenant("acme").settings.profile == .strict)
        _ = try await service.administration.set(.profile, to: "default", tenant: "acme", by: .admin(nil))
        #expect(try await client.patch("/Users/\(user)", request).status == 200)
    }

    @Test("Attributes that are ignored are counted in the record of the change, and not named")
    func ignoredAttributes() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        let user = try await client.createUser("ann", #","shoeSize":9,"hatSize":8"#)
        _ = try await client.patch(
            "/Users/\(user)",
            #"{"op":"add","value":{"title":"t","shoeSize":9,"name":{"givenName":"a","shoeName":"x"}}}"#
        )
        _ = try await client.patch("/Users/\(user)", #"{"op":"add","path":"title","value":"u"}"#)
        let records = try service.records().filter { $0["SCIM_EVENT"]?.hasPrefix("user.") == true }
        #expect(records.map { $0["SCIM_ATTR_IGNORED"] } == ["2", "2", nil])
        for record in records { #expect(!record.values.contains { $0.contains("shoe") }) }
    }

    @Test("A tenant's row of an earlier version, which ends without settings, has their defaults")
    func earlierRow() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        var settings = TenantSettings()
        settings.profile = .entra
        _ = try await service.administration.createTenant("acme", settings: settings, by: .system)
        #expect(try service.records().last?["SCIM_SETTING_NEW"] == "entra")
        _ = try await service.administration.set(.urlFilters, to: "refuse", tenant: "acme", by: .system)
        let key = Key([0x10] + Array("acme".utf8))
        let row = try service.store.withSnapshot { snapshot throws(StoreError) in
            try snapshot.read(key) { row, _ in (0..<14).map { row[$0] } }
        }
        var changes = Changeset()
        changes.mutations = [.put(key, try #require(row))]
        _ = try await service.store.commit(changes)
        let tenant = try service.administration.tenant("acme")
        #expect(tenant.settings.profile == .default)
        #expect(tenant.settings.urlFilters == .allow)
        #expect(tenant.clients.all.isEmpty)
    }

    @Test(
        "D-06: the service provider configuration tells of ETags as the profile has it",
        arguments: ProfileName.allCases
    )
    func configuration(name: ProfileName) async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        _ = try await service.administration.set(.profile, to: name.rawValue, tenant: "acme", by: .system)
        let document = try await client.send(.get, "/ServiceProviderConfig")
        #expect(document.value("etag", "supported") == .bool(name.profile.contains(.conditionalRequests)))
    }

    @Test("Q-04: at the server root an attribute that a type does not define has no value, in every profile")
    func root() async throws {
        let service = TestService(store: MemoryStore(clock: { 1 }))
        let client = try await service.client()
        _ = try await client.createUser("ann")
        _ = try await service.administration.set(.profile, to: "strict", tenant: "acme", by: .system)
        let found = try await client.send(.get, "/?filter=userName%20eq%20%22ann%22")
        #expect(found.integer("totalResults") == 1)
    }
}
