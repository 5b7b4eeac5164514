import Directory
import HTTP
import Query
import Tenancy

/// An answer whose members are sent while they are read; a long query of its tenant until then.
final class StreamedMembers: ContentStream {
    private let answer: AnswerStream
    private let turn: HeldTurn

    init(_ answer: AnswerStream, _ turn: HeldTurn) {
        self.answer = answer
        self.turn = turn
    }

    func next() async -> ContentPart {
        do throws(DirectoryError) {
            let (bytes, isLast) = try await answer.next()
            return isLast ? .last(bytes) : .more(bytes)
        } catch {
            return .broken
        }
    }
}
