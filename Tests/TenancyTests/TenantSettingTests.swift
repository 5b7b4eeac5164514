import Audit
import Storage
import TestSupport
import Testing

@testable import Tenancy

@Suite("Tenant settings")
struct TenantSettingTests {
    @Test("The table has every property of the settings, and no name, number or enumeration twice")
    func table() {
        let settings = TenantSetting.all
        #expect(Set(settings.map(\.name)) == Set(Mirror(reflecting: TenantSettings()).children.map(\.label)))
        #expect(Set(settings.map(\.name)).count == settings.count)
        let numbers = settings.map(\.number) + Tenant.Field.allCases.map(\.rawValue)
        #expect(Set(numbers).count == numbers.count)
        for setting in settings { #expect(Set(setting.words.map(\.number)).count == setting.words.count) }
        #expect(Set(settings.map { ObjectIdentifier($0.type) }).count == settings.count)
    }

    @Test(
        "A tenant's row has a number, a length and a number for each setting that is not the default",
        arguments: [
            ([:], []), (["profile": "strict"], [1, 1, 1]), (["profile": "okta"], [1, 1, 2]),
            (["profile": "entra"], [1, 1, 3]), (["urlFilters": "refuse"], [3, 1, 1]),
            (["profile": "entra", "urlFilters": "refuse"], [1, 1, 3, 3, 1, 1]),
            (["authentication": "saml"], [5, 1, 1]), (["authentication": "other"], [5, 1, 2]),
            (["serverTiming": "on"], [9, 1, 1]),
        ]
    )
    func row(words: [String: String], fields: [UInt8]) async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        _ = try await service.administration.createTenant("acme", by: .system)
        for setting in TenantSetting.all {
            guard let word = words[setting.name] else { continue }
            _ = try await service.administration.set(setting, to: word, tenant: "acme", by: .system)
        }
        let row = try service.store.withSnapshot { snapshot throws(StoreError) in
            try snapshot.read(Key([0x10] + Array("acme".utf8))) { row, _ in [UInt8](copying: row) }
        }
        #expect(row?.dropFirst(14).elementsEqual(fields) == true)
    }

    @Test("Every word of every setting is read from the row again")
    func words() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        _ = try await service.administration.createTenant("acme", by: .system)
        for setting in TenantSetting.all {
            for word in setting.words {
                _ = try await service.administration.set(setting, to: word.text, tenant: "acme", by: .system)
                let tenant = try service.administration.tenant("acme")
                #expect(setting.word(in: tenant.settings) == word)
            }
        }
    }

    @Test("A word that is none of the setting's is refused, and nothing is changed")
    func unknownWord() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let before = try await service.administration.createTenant("acme", by: .system)
        for setting in TenantSetting.all {
            await #expect(throws: AdministrationError.invalidSetting(setting)) {
                try await service.administration.set(setting, to: "nonesuch", tenant: "acme", by: .system)
            }
        }
        #expect(try service.administration.tenant("acme") == before)
    }
}
