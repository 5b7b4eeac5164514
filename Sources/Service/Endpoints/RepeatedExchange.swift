import Notes
import Tenancy

/// What is noted of requests that follow each other on a connection and are alike, made once for all of them.
final class RepeatedExchange: Sendable {
    /// The first of them.
    let exchange: ActivityExchange
    /// Where they are noted; nil if there was no room.
    let place: TenantNotes?

    init(_ exchange: ActivityExchange, _ place: TenantNotes?) {
        self.exchange = exchange
        self.place = place
    }
}
