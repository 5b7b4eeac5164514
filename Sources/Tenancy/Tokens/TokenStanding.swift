import JSON

/// How near a token's end is, as far as somebody has to do something about it.
///
/// The numbers stand in stored rows: none ever changes or is used again.
package enum TokenNotice: UInt8, Sendable, CaseIterable, Comparable {
    case days90 = 1
    case days30 = 2
    case days7 = 3
    case days1 = 4
    case expired = 5

    /// How long before the end it begins.
    var days: Int64 {
        switch self {
        case .days90: 90
        case .days30: 30
        case .days7: 7
        case .days1: 1
        case .expired: 0
        }
    }

    /// The notice that is due for a token that ends at a time; nil before the first.
    static func due(_ expires: Timestamp, at now: Timestamp) -> TokenNotice? {
        allCases.last { now.microseconds >= expires.microseconds - $0.days * 86_400_000_000 }
    }

    package static func < (left: TokenNotice, right: TokenNotice) -> Bool { left.rawValue < right.rawValue }
}

/// In which part of its life a token is.
package enum TokenState: String, Sendable, CaseIterable {
    case live
    /// It ends within 90 days, and no other takes its place.
    case expiring
    case expired
    case revoked
    /// It is good for a while beside the one that has replaced it.
    case overlapping
}

/// What an operator is told of a token: its state, and a sentence if there is something to know or to do.
package struct TokenStanding: Sendable {
    package let token: Token
    package let state: TokenState
    /// What is due to be told; nil also for a token that has been replaced, and ends on purpose.
    package let notice: TokenNotice?
    package let message: String?

    /// How all tokens of a tenant stand at a time, in the order of their creation.
    package static func all(_ tokens: [Token], at now: Timestamp) -> [TokenStanding] {
        let tokens = tokens.sorted { $0.created < $1.created }
        return tokens.map { token in TokenStanding(token, among: tokens, at: now) }
    }

    private init(_ token: Token, among tokens: [Token], at now: Timestamp) {
        self.token = token
        let later = tokens.filter { $0.created > token.created }
        let successor = later.last { $0.isLive(at: now) }
        if token.revoked != nil {
            (state, notice, message) = (.revoked, nil, nil)
        } else if !token.isLive(at: now) {
            state = .expired
            // Only a regeneration makes a token while another is live.
            let replacement = later.first { $0.created <= token.expires }
            notice = replacement == nil ? .expired : nil
            message =
                if let replacement {
                    "It ended on \(token.expires.text), as it was to: token \(replacement.id) has replaced it."
                } else if let successor {
                    "It expired on \(token.expires.text). Token \(successor.id) is live."
                } else {
                    """
                    It expired on \(token.expires.text), and every request with it is refused. Generate a new token, and give \
                    it to the client.
                    """
                }
        } else if let successor {
            (state, notice) = (.overlapping, nil)
            let unused = token.endsUnusedSeconds.map {
                " Before that it ends by itself once it was not used for \($0) seconds and its successor is in use."
            }
            message =
                "Token \(successor.id) replaces it; it ends on \(token.expires.text), on purpose.\(unused ?? "")"
        } else {
            notice = TokenNotice.due(token.expires, at: now)
            state = notice == nil ? .live : .expiring
            message = notice.map { _ in
                """
                It ends \(Self.span(until: token.expires, at: now)), on \(token.expires.text). Regenerate it with an overlap, \
                and give the new token to the client.
                """
            }
        }
    }

    /// Days until the token ends, of which the last begins as 1; 0 and below after its end.
    package func daysLeft(at now: Timestamp) -> Int { Self.days(until: token.expires, at: now) }

    /// The one of a tenant's tokens that its client should use: the newest that is good or, if none is, that has ended by itself.
    ///
    /// Nil if there is none, or if the last was revoked.
    package static func current(of all: [TokenStanding], at now: Timestamp) -> TokenStanding? {
        all.last { $0.token.isLive(at: now) } ?? all.last.flatMap { $0.state == .expired ? $0 : nil }
    }

    private static func days(until end: Timestamp, at now: Timestamp) -> Int {
        let day: Int64 = 86_400_000_000
        let left = end.microseconds - now.microseconds
        return Int(left > 0 ? (left + day - 1) / day : left / day)
    }

    private static func span(until end: Timestamp, at now: Timestamp) -> String {
        let days = days(until: end, at: now)
        return days <= 1 ? "within a day" : "in \(days) days"
    }
}
