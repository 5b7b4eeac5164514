import Directory
import HTTP
import JSON
import SCIM
import Tenancy
import TestSupport
import Testing
import Transfer

@Suite("Import of cards")
struct CardImportTests {
    private func tenant() async throws -> Transferred {
        let tenant = try await Transferred()
        _ = try await tenant.client.createUser("ann", #","externalId":"E1""#)
        _ = try await tenant.client.createUser("bob", #","externalId":"E2""#)
        return tenant
    }

    @Test("F-07, A-05, H-06: cards are added to those that are there, found by their number in any case")
    func add() async throws {
        let tenant = try await tenant()
        let head = ["User Name", "externalId", "card number", "technology", "primary", "display"]
        let first = try await tenant.cards(
            head,
            [
                ["ann", "", "04a2", "mifare", "true", ""], ["", "E1", "77", "", "", "Spare"],
                ["nobody", "E2", "5", "", "", ""],
            ]
        )
        #expect(counts(first) == [0, 3, 0, 0])
        #expect(try await tenant.cards(of: "ann") == ["04a2 mifare true", "77 Spare"])
        #expect(try await tenant.cards(of: "bob") == ["5"])
        let again = try await tenant.cards(
            head,
            [
                ["ann", "", "04A2", "desfire", "", ""], ["ann", "", "77", "", "TRUE", ""],
                ["bob", "", "5", "", "", ""],
            ]
        )
        #expect(counts(again) == [0, 2, 1, 0])
        #expect(try await tenant.cards(of: "ann") == ["04A2 desfire false", "77 Spare true"])
        let query = "/Users?filter=cards.value%20eq%20%2204a2%22"
        #expect(try await tenant.client.send(.get, query).integer("totalResults") == 1)
    }

    @Test("Each line that is refused is told; nothing of it is imported, and the others are")
    func refusals() async throws {
        let tenant = try await tenant()
        let long = String(repeating: "9", count: 257)
        let report = try await tenant.cards(
            ["userName", "externalId", "value", "primary"],
            [
                ["ann", "", "1", ""], ["nobody", "", "2", ""], ["", "E9", "3", ""], ["", "", "4", ""],
                ["ann", "", "", ""], ["ann", "", "5", "yes"], ["ann", "", long, ""],
                ["ann", "", #"a"\b"#, ""],
            ]
        )
        #expect(counts(report) == [0, 2, 0, 6])
        #expect(report.refusals.map(\.line) == [3, 4, 5, 6, 7, 8])
        #expect(report.refusals.map(\.column) == [nil, nil, nil, "value", "primary", "value"])
        #expect(try await tenant.cards(of: "ann") == ["1", #"a"\b"#])
    }

    @Test("All lines or none: one refused line holds up the others; without one they share a commit")
    func allOrNone() async throws {
        let tenant = try await tenant()
        let before = try tenant.service.records().count
        let head = ["userName", "card"]
        let refused = try await tenant.cards(head, [["ann", "1"], ["nobody", "2"], ["bob", "3"]], atomic)
        #expect(counts(refused) == [0, 0, 0, 1])
        #expect(try await tenant.cards(of: "ann") == [])
        #expect(try tenant.service.records().count == before)
        let done = try await tenant.cards(head, [["ann", "1"], ["ann", "2"], ["bob", "3"]], atomic)
        #expect(counts(done) == [0, 3, 0, 0])
        let records = try Array(tenant.service.records().dropFirst(before))
        #expect(records.map { $0["SCIM_EVENT"] } == ["user.update", "user.update", "user.update"])
        #expect(try tenant.service.store.commitCount(from: before) == 1)
        #expect(records.allSatisfy { $0["SCIM_ATTR"] == "\(Schema.pharosUser.id):cards" })
    }

    @Test("Replacing gives the named users exactly the cards of the file, and leaves others alone")
    func replace() async throws {
        let tenant = try await tenant()
        let head = ["userName", "card", "type"]
        _ = try await tenant.cards(head, [["ann", "1", ""], ["ann", "2", ""], ["bob", "3", ""]])
        let report = try await tenant.cards(
            head,
            [["ann", "2", "prox"], ["ann", "4", ""], ["bob", "", ""]],
            replaces: true
        )
        #expect(counts(report) == [0, 3, 0, 0])
        #expect(try await tenant.cards(of: "ann") == ["2 prox", "4"])
        #expect(try await tenant.cards(of: "bob") == [])
        let refused = try await tenant.cards(head, [["ann", "5", ""], ["ann", "", ""]], replaces: true)
        #expect(counts(refused) == [0, 0, 0, 2])
        #expect(try await tenant.cards(of: "ann") == ["2 prox", "4"])
    }

    @Test("A-21: a card belongs to one user, in any case of its number, until it is taken from that user")
    func oneOwner() async throws {
        let tenant = try await tenant()
        let head = ["userName", "card"]
        _ = try await tenant.cards(head, [["ann", "04a2"]])
        let taken = try await tenant.cards(head, [["bob", "04A2"], ["bob", "5"], ["ann", "05"]])
        #expect(counts(taken) == [0, 2, 0, 1])
        #expect(taken.refusals.map(\.line) == [2])
        let moved = try await tenant.cards(head, [["ann", ""], ["bob", "04A2"]], replaces: true, atomic)
        #expect(counts(moved) == [0, 2, 0, 0])
        #expect(try await tenant.cards(of: "ann") == [])
        #expect(try await tenant.cards(of: "bob") == ["04A2"])
        for (number, count) in [("04a2", 1), ("5", 0), ("05", 0)] {
            let query = "/Users?filter=cards.value%20eq%20%22\(number)%22"
            #expect(try await tenant.client.send(.get, query).integer("totalResults") == count)
        }
        let id = try await tenant.user("bob").text("id")
        _ = try await tenant.client.send(.delete, "/Users/\(id)")
        #expect(counts(try await tenant.cards(head, [["ann", "04A2"]])) == [0, 1, 0, 0])
        #expect(try tenant.service.findings() == [])
    }

    @Test("U-04, H-05: clients see the cards, cannot change them, and keep them over a PUT")
    func readOnly() async throws {
        let tenant = try await tenant()
        _ = try await tenant.cards(["userName", "card"], [["ann", "1"]])
        let id = try await tenant.user("ann").text("id")
        let body = #"{"schemas":["\#(Schema.user.id)"],"userName":"ann","title":"T"}"#
        #expect(try await tenant.client.send(.put, "/Users/\(id)", body).status == 200)
        let remove = #"{"op":"remove","path":"\#(Schema.pharosUser.id):cards"}"#
        #expect(try await tenant.client.patch("/Users/\(id)", remove).status == 400)
        #expect(try await tenant.cards(of: "ann") == ["1"])
    }

    @Test(
        "A table of other columns is refused as a whole",
        arguments: [["userName"], ["card"], ["userName", "card", "colour"], ["userName", "card", "value"]]
    )
    func columns(names: [String]) async throws {
        let tenant = try await tenant()
        let row = names.map { _ in "x" }
        await #expect(throws: AdministrationError.self) { try await tenant.cards(names, [row]) }
    }
}
