using Fragcast.Primitives.Transactions;

namespace Fragcast.Differential;

/// <summary>A transaction for both sides.</summary>
/// <param name="Kind">What it is meant to be, for counts and reports.</param>
/// <param name="Transaction">The transaction.</param>
/// <param name="Wire">What anvil is sent: the transaction, with its blobs if it has some.</param>
internal sealed record Candidate(string Kind, Transaction Transaction, byte[] Wire);
