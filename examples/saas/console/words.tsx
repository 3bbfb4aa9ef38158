import { createContext, type FormEvent, type ReactNode, useContext, useId } from "react";
import { type ApiError, filled, type Names, type Outcome } from "./api.ts";

export const NamesContext = createContext<Names>({ workspaces: {}, people: {} });

/** An id, by its name where it has one. */
export function Id({ id, fallback }: { id: string | null; fallback?: string }) {
  const { people, workspaces } = useContext(NamesContext);
  if (id === null) return <span className="quiet">none</span>;
  const name = people[id] ?? workspaces[id] ?? fallback;
  return name ? <span title={id}>{name}</span> : <code title={id}>{`${id.slice(0, 8)}…${id.slice(-4)}`}</code>;
}

const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });
export const Time = ({ at }: { at: string }) => <time dateTime={at}>{`${TIME.format(new Date(at))} UTC`}</time>;

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
export const Day = ({ at }: { at: string }) => <time dateTime={at}>{DAY.format(new Date(at))}</time>;

const RELATIVE = new Intl.RelativeTimeFormat("en-GB", { numeric: "always" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]] as const;

/** How far away a time is: "in 3 days". */
export function Countdown({ to }: { to: string }) {
  const seconds = (Date.parse(to) - Date.now()) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS[3];
  return <time dateTime={to}>{RELATIVE.format(Math.trunc(seconds / length), unit)}</time>;
}

const COUNT = new Intl.NumberFormat("en-GB");
export const count = (number: number) => COUNT.format(number);

export function Trouble({ error }: { error: ApiError | undefined }) {
  if (!error) return null;
  return (
    <div role="alert" className="notice bad">
      <p>{error.message}</p>
      {error.detail && <p>{error.detail}</p>}
      {error.hint && <p className="quiet">{error.hint}</p>}
    </div>
  );
}

export function Result({ outcome }: { outcome: Outcome | undefined }) {
  if (outcome?.error) return <Trouble error={outcome.error} />;
  return (
    <div role="status" className={outcome ? "notice good" : undefined}>
      {outcome?.text}
    </div>
  );
}

interface FieldProps {
  label: string;
  name: string;
  type?: string;
  defaultValue?: string | number;
  placeholder?: string;
  list?: string[];
}

export function Field({ label, list, ...input }: FieldProps) {
  const id = useId();
  return (
    <label>
      <span>{label}</span>
      <input {...input} autoComplete="off" list={list && id} />
      {list && (
        <datalist id={id}>
          {list.map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      )}
    </label>
  );
}

export function Check({ label, name }: { label: string; name: string }) {
  return (
    <label className="check">
      <input type="checkbox" name={name} value="true" />
      <span>{label}</span>
    </label>
  );
}

interface FormProps {
  label: string;
  className?: string;
  children: ReactNode;
  onFilled: (values: Record<string, string | undefined>, form: HTMLFormElement) => void;
}

export function Form({ label, className, children, onFilled }: FormProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onFilled(filled(event.currentTarget), event.currentTarget);
  };
  return (
    <form aria-label={label} className={className} onSubmit={submit}>
      {children}
    </form>
  );
}
