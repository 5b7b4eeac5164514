import HTTP

/// What an identity provider does for one user after the other; each begins with a user that is not there.
///
/// When a request fails, the script goes on with the next user.
final class SyncScript: LoadScript {
    enum Provider { case okta, entra }

    private enum Step { case lookUp, create, read, change, addMember, removeMember, deactivate, delete }

    private let steps: [Step]
    private let provider: Provider
    private let writer: RequestWriter
    private let population: Population
    private var random: LoadRandom
    private var index = 0
    private var number = 0
    private var id = ""
    private var group = ""

    init(_ provider: Provider, _ writer: RequestWriter, _ population: Population, seed: Int) {
        self.provider = provider
        self.writer = writer
        self.population = population
        random = LoadRandom(seed: seed)
        steps =
            switch provider {
            case .okta: [.lookUp, .create, .read, .change, .addMember, .deactivate]
            case .entra:
                [.lookUp, .create, .read, .change, .addMember, .removeMember, .deactivate, .delete]
            }
    }

    func next(_ output: inout [UInt8]) -> LoadOperation? {
        switch steps[index] {
        case .lookUp:
            number = population.unused.next()
            group = population.groupIDs.randomElement(using: &random) ?? ""
            writer.write("GET", UserLookUp.path(LoadNames.user(number)), to: &output)
            return .lookUp
        case .create:
            writer.write("POST", "/Users", LoadBodies.user(number), to: &output)
            return .create
        case .read:
            writer.write("GET", userPath, to: &output)
            return .read
        case .change: return change(&output)
        case .addMember:
            writer.write(
                "PATCH",
                RequestWriter.path("Groups", group),
                LoadBodies.add(member: id),
                to: &output
            )
            return .addMember
        case .removeMember:
            writer.write(
                "PATCH",
                RequestWriter.path("Groups", group),
                LoadBodies.remove(member: id),
                to: &output
            )
            return .removeMember
        case .deactivate:
            let operation =
                provider == .okta
                ? #"{"op":"replace","value":{"active":false}}"#
                : #"{"op":"Replace","path":"active","value":false}"#
            writer.write("PATCH", userPath, LoadBodies.patch(operation), to: &output)
            return .deactivate
        case .delete:
            writer.write("DELETE", userPath, to: &output)
            return .delete
        }
    }

    /// Okta sends the whole user, Entra the attributes that have changed.
    private func change(_ output: inout [UInt8]) -> LoadOperation {
        guard provider == .entra else {
            writer.write("PUT", userPath, LoadBodies.user(number, title: "Director"), to: &output)
            return .replace
        }
        let body = LoadBodies.patch(
            #"{"op":"Replace","path":"title","value":"Director"}"#,
            #"{"op":"Replace","path":"name.familyName","value":"Weber"}"#,
            #"{"op":"Replace","path":"emails[type eq \"work\"].value","value":"weber\#(number)@example.com"}"#
        )
        writer.write("PATCH", userPath, body, to: &output)
        return .patch
    }

    private var userPath: String { RequestWriter.path("Users", id) }

    func take(_ answer: ReceivedResponse?) -> Bool {
        guard let answer, holds(answer) else {
            index = 0
            return false
        }
        if steps[index] == .create { id = AnswerContent(answer)?.id ?? "" }
        index = (index + 1) % steps.count
        return true
    }

    private func holds(_ answer: ReceivedResponse) -> Bool {
        let expectation: Expectation =
            switch steps[index] {
            case .lookUp: .found(0)
            case .create: .created
            case .read: .resource(id)
            case .change, .addMember, .removeMember, .deactivate: .changed
            case .delete: .deleted
            }
        return expectation.holds(for: answer)
    }
}
