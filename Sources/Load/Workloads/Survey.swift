import HTTP
import Locking

/// A walk over the names of a test's users or groups: it looks for each, and makes or deletes it if that is asked for.
///
/// What bears such a name without the mark of a load test is never touched, and ends the walk.
package final class Survey: Sendable {
    package enum Kind: Sendable { case users, groups }

    /// What is done about a name.
    package enum Purpose: Sendable, Equatable {
        /// It has to be there.
        case find
        /// It is made if it is not there.
        case make
        /// It is noted, and the walk goes on until many in a row are missing.
        case seek
        /// It is deleted if it is there, and the walk goes on in the same way.
        case delete
    }

    /// Why a walk ended early.
    package enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        case missing(String)
        case foreign(String)
        case answer(status: UInt16, LoadOperation)

        package var description: String {
            switch self {
            case .missing(let name): "\(name) is not there; --prepare makes what a workload needs"
            case .foreign(let name):
                "the directory has \(name), which no load test has made; it is left alone, and so is all else"
            case .answer(let status, let operation):
                "the server answered \(status) to the preparation (\(operation.rawValue))"
                    + (status == 429
                        ? "; its limit of requests a second has to be raised for a load test" : "")
            }
        }
    }

    private struct State {
        var next: Int
        var lastFound: Int
        var ids: [Int: String] = [:]
        var changed = 0
        var fault: Fault?
    }

    let kind: Kind
    let purpose: Purpose
    /// Ids of the members that a group is made with.
    let members: [String]
    /// The last number; for `seek` and `delete` unknown.
    private let last: Int?
    private let first: Int
    private let gap: Int
    private let state: Locked<State>

    /// A walk from the number `first` on; to `last` where it is known.
    ///
    /// - Precondition: `last` is known for `find` and `make`.
    package init(_ kind: Kind, _ purpose: Purpose, from first: Int, to last: Int?, members: [String] = []) {
        precondition(last != nil || purpose == .seek || purpose == .delete, "a walk ends somewhere")
        self.kind = kind
        self.purpose = purpose
        self.members = members
        self.first = first
        self.last = last
        gap = kind == .users ? LoadLimits.gapMax : LoadLimits.groups.upperBound
        state = Locked(State(next: first, lastFound: first - 1))
    }

    /// The ids that were found or made, by number.
    package var ids: [Int: String] { state.withLock { $0.ids } }

    /// The largest number that is there; one less than the first if none is.
    package var lastFound: Int { state.withLock { $0.lastFound } }

    /// How many were made or deleted.
    package var changed: Int { state.withLock { $0.changed } }

    package var fault: Fault? { state.withLock { $0.fault } }

    /// The next number that somebody has to look for; nil if the walk is over.
    func take() -> Int? {
        state.withLock { state in
            guard state.fault == nil, state.next <= last ?? state.lastFound + gap else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    func found(_ number: Int, _ id: String) {
        state.withLock { state in
            state.lastFound = max(state.lastFound, number)
            state.ids[number] = id
        }
    }

    func noteChange() { state.withLock { $0.changed += 1 } }

    func fail(_ fault: Fault) { state.withLock { $0.fault = $0.fault ?? fault } }

    func name(_ number: Int) -> String {
        kind == .users ? LoadNames.user(number) : LoadNames.group(number)
    }
}

/// One connection's part of a survey.
final class SurveyScript: LoadScript {
    private enum Step { case lookUp, create, delete }

    private let survey: Survey
    private let writer: RequestWriter
    private var number: Int?
    private var step = Step.lookUp
    private var id = ""

    init(_ survey: Survey, _ writer: RequestWriter) {
        self.survey = survey
        self.writer = writer
    }

    func next(_ output: inout [UInt8]) -> LoadOperation? {
        // A number is kept until all is done about it, over lost connections too.
        guard let number = number ?? survey.take() else { return nil }
        self.number = number
        let endpoint = survey.kind == .users ? "Users" : "Groups"
        switch step {
        case .lookUp:
            let name = survey.name(number)
            let path =
                survey.kind == .users
                ? UserLookUp.path(name) : "/Groups?filter=displayName%20eq%20%22\(name)%22&count=2"
            writer.write("GET", path, to: &output)
            return .lookUp
        case .create:
            let body =
                survey.kind == .users
                ? LoadBodies.user(number) : LoadBodies.group(number, members: survey.members[...])
            writer.write("POST", "/\(endpoint)", body, to: &output)
            return .create
        case .delete:
            writer.write("DELETE", RequestWriter.path(endpoint, id), to: &output)
            return .delete
        }
    }

    func take(_ answer: ReceivedResponse?) -> Bool {
        guard let number else { return false }
        guard let answer else {
            // Whether it was done is not known: look again.
            step = .lookUp
            return false
        }
        switch step {
        case .lookUp: return takeLookUp(answer, number)
        case .create:
            guard Expectation.created.holds(for: answer), let id = AnswerContent(answer)?.id else {
                return refuse(answer, .create)
            }
            survey.noteChange()
            survey.found(number, id)
        case .delete:
            guard Expectation.deleted.holds(for: answer) || answer.status == .notFound else {
                return refuse(answer, .delete)
            }
            survey.noteChange()
        }
        finishNumber()
        return true
    }

    private func takeLookUp(_ answer: ReceivedResponse, _ number: Int) -> Bool {
        guard answer.status == .ok, let content = AnswerContent(answer), let total = content.totalResults
        else { return refuse(answer, .lookUp) }
        guard total > 0 else {
            switch survey.purpose {
            case .make: step = .create
            case .find:
                survey.fail(.missing(survey.name(number)))
                finishNumber()
            case .seek, .delete: finishNumber()
            }
            return true
        }
        let name = survey.name(number)
        guard total == 1, let resource = content.firstResource, resource.externalID == LoadNames.mark(name)
        else {
            survey.fail(.foreign(name))
            finishNumber()
            return false
        }
        survey.found(number, resource.id)
        id = resource.id
        if survey.purpose == .delete { step = .delete } else { finishNumber() }
        return true
    }

    private func refuse(_ answer: ReceivedResponse, _ operation: LoadOperation) -> Bool {
        survey.fail(.answer(status: answer.status.code, operation))
        finishNumber()
        return false
    }

    private func finishNumber() {
        number = nil
        step = .lookUp
    }
}
