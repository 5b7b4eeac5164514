import HTTP

/// Looks for users, reads them or reads pages of them.
final class ReadScript: LoadScript {
    /// Users of a page.
    static let pageCount = 100

    private let operation: LoadOperation
    private let writer: RequestWriter
    private let population: Population
    private var random: LoadRandom
    private var expectation = Expectation.page

    /// `operation` is one of `lookUp`, `read` and `page`.
    init(_ operation: LoadOperation, _ writer: RequestWriter, _ population: Population, seed: Int) {
        self.operation = operation
        self.writer = writer
        self.population = population
        random = LoadRandom(seed: seed)
    }

    func next(_ output: inout [UInt8]) -> LoadOperation? {
        let number = Int.random(in: 1...population.userCount, using: &random)
        switch operation {
        case .read:
            let id = population.userIDs[number - 1]
            expectation = .resource(id)
            writer.write("GET", RequestWriter.path("Users", id), to: &output)
        case .page:
            let start = (number - 1) / Self.pageCount * Self.pageCount + 1
            expectation = .page
            writer.write("GET", "/Users?startIndex=\(start)&count=\(Self.pageCount)", to: &output)
        default:
            expectation = .found(1)
            writer.write("GET", UserLookUp.path(LoadNames.user(number)), to: &output)
        }
        return operation
    }

    func take(_ answer: ReceivedResponse?) -> Bool { answer.map(expectation.holds) ?? false }
}

/// How identity providers look for a user.
enum UserLookUp {
    /// Path and query; the name needs no encoding.
    static func path(_ name: String) -> String {
        "/Users?filter=userName%20eq%20%22\(name)%22&startIndex=1&count=100"
    }
}
