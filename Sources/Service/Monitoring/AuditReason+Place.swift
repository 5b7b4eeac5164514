import Audit
import HTTP

extension AuditReason {
    /// The place in a table by reason: that in `allCases`, from 1 on.
    var place: UInt8 { Self.places[self] ?? 0 }

    /// The word for each place; none for the first, which stands for no reason.
    package static let wordsByPlace = [""] + allCases.map(\.word)

    private static let places: [AuditReason: UInt8] = {
        precondition(allCases.count < AnswerMark.reasonsMax, "a place for each reason")
        return Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, UInt8($0 + 1)) })
    }()
}
