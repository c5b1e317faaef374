import { useState } from "preact/hooks";
import { Button, type Column, Disclosure, Empty, Problem, Select, Table } from "../kit";
import type { UsageParams, UsageRow } from "../protocol";
import type { Actions } from "../settings/actions";
import { bytes, count, dollars } from "../ui/amounts";
import { Budget } from "./Budget";
import { Plot, type What } from "./Plot";
import type { UsageModel } from "./reducer";
import { BYS, type By, costOf, day, requests, SPANS, type Span, tokens } from "./words";

export interface UsageActions extends Actions {
  ask: (params: Required<UsageParams>) => void;
  save: () => void;
}

const amounts: Column<UsageRow>[] = [
  { key: "requests", label: "Requests", value: (row) => row.requests, align: "end" },
  { key: "failed", label: "Failed", value: (row) => row.failed, align: "end" },
  {
    key: "input",
    label: "Tokens in",
    value: (row) => row.input_tokens,
    cell: (row) => count(row.input_tokens),
    align: "end",
  },
  {
    key: "output",
    label: "Tokens out",
    value: (row) => row.output_tokens,
    cell: (row) => count(row.output_tokens),
    align: "end",
  },
  { key: "cost", label: "Cost", value: (row) => row.cost, cell: costOf, align: "end" },
];

const sent: Column<UsageRow>[] = [
  { key: "host", label: "Host", value: (row) => row.name, main: true },
  { key: "requests", label: "Requests", value: (row) => row.requests, align: "end" },
  {
    key: "bytes",
    label: "Sent",
    value: (row) => row.bytes,
    cell: (row) => bytes(row.bytes),
    align: "end",
  },
  {
    key: "attachments",
    label: "Attachments",
    value: (row) => row.attachments,
    align: "end",
  },
];

const named = (label: string): Column<UsageRow> => ({
  key: "name",
  label,
  value: (row) => row.name,
  cell: (row) => row.name || <span class="pl-quiet">none</span>,
  main: true,
});

const times = (label: string): Column<UsageRow> => ({
  key: "name",
  label,
  value: (row) => row.name,
  cell: (row) => day(row.name),
  main: true,
});

const labelOf = (by: By) => BYS.find(({ value }) => value === by)?.label ?? "";

/** What a period has cost, in one line. */
function Total({ total }: { total: UsageRow }) {
  const facts = [
    requests(total.requests),
    total.failed && `${total.failed.toLocaleString("en")} failed`,
    `${count(total.input_tokens)} → ${count(total.output_tokens)} tokens`,
    dollars(total.cost),
  ];
  return (
    <div class="pl-usage-total" role="status">
      {facts.filter(Boolean).join(" · ")}
    </div>
  );
}

export function Usage(props: UsageModel & UsageActions) {
  const { budget, usage, asked, asking, problem, ready, heard, ask, save } = props;
  const [chosen, choose] = useState<What | null>(null);
  // Models on this machine cost nothing: their tokens say more.
  const what = chosen ?? (usage && !usage.total.cost ? "tokens" : "cost");
  const some = usage !== null && usage.total.requests > 0;
  return (
    <section class="pl-view pl-usage" aria-label="Usage">
      {heard === false && (
        <div class="pl-notice">Changes take effect when the running cell ends.</div>
      )}
      {!ready && (
        <div class="pl-quiet" role="status">
          Asking the kernel…
        </div>
      )}
      {budget && <Budget {...props} budget={budget} />}
      {budget?.unwritten && <Problem error={budget.unwritten} />}
      {problem && (
        <Problem
          error={problem}
          action={{ label: "Try again", onClick: () => ask(asked) }}
        />
      )}
      {ready && (
        <div class="pl-usage-head">
          <Select
            label="Period"
            value={asked.span}
            options={SPANS}
            onSelect={(span) => ask({ ...asked, span: span as Span })}
          />
          <Select
            label="Plot"
            value={what}
            options={[
              { value: "cost", label: "Cost" },
              { value: "tokens", label: "Tokens" },
            ]}
            onSelect={(what) => choose(what as What)}
          />
          <Button
            label="CSV"
            icon="download"
            title="Download each request of this period as CSV"
            disabled={!some}
            onClick={save}
          />
        </div>
      )}
      {usage && !some && (
        <Empty icon="clock" title="Nothing was sent">
          Each question that is asked is listed here: where it went, its tokens and its
          cost.
        </Empty>
      )}
      {usage && some && (
        <div class={asking ? "pl-usage-body pl-usage-asking" : "pl-usage-body"}>
          <Total total={usage.total} />
          <Plot times={usage.times} what={what} />
          <Disclosure label={usage.by_month ? "The months" : "The days"}>
            <Table
              label={usage.by_month ? "Usage by month" : "Usage by day"}
              columns={[times(usage.by_month ? "Month" : "Day"), ...amounts]}
              rows={usage.times.filter((row) => row.requests > 0).toReversed()}
              rowKey={(row) => row.name}
            />
          </Disclosure>
          <div class="pl-usage-by">
            <Select
              label="By"
              value={asked.by}
              options={BYS}
              onSelect={(by) => ask({ ...asked, by: by as By })}
            />
          </div>
          <Table
            label={`Usage by ${asked.by}`}
            columns={[named(labelOf(asked.by)), ...amounts]}
            rows={usage.rows}
            rowKey={(row) => row.name}
          />
          {usage.total.unpriced > 0 && (
            <p class="pl-quiet pl-usage-say">
              Of {requests(usage.total.unpriced)} that left this machine no cost is
              known.
            </p>
          )}
          <h3 class="pl-usage-title">What left this machine</h3>
          <Table
            label="What left this machine"
            columns={sent}
            rows={usage.hosts}
            rowKey={(row) => row.name}
            empty={<p class="pl-quiet pl-usage-say">Nothing.</p>}
          />
          {usage.hosts.length > 0 && (
            <p class="pl-quiet pl-usage-say">
              {tokens(usage.total) > 0 &&
                "Costs are by list price; the provider's bill counts."}
            </p>
          )}
        </div>
      )}
    </section>
  );
}
