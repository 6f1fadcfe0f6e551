// What the apps look like. Knows no client: each app brings its data.
import { type FormEvent, type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { signIn } from "./gateway";
import { type Refusal, words } from "./words";
import "./style.css";

type Fields = Record<string, string>;

function Form(props: { name: string; action: string; onSubmit: (fields: Fields) => void; children: ReactNode }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    props.onSubmit(Object.fromEntries(new FormData(event.currentTarget)) as Fields);
  };
  return (
    <form aria-label={props.name} onSubmit={submit}>
      {props.children}
      <button>{props.action}</button>
    </form>
  );
}

function Field(props: { label: string; name: string; value?: string; type?: string }) {
  return (
    <label>
      {props.label} <input name={props.name} type={props.type} defaultValue={props.value} required />
    </label>
  );
}

export function Search(props: { value: string; onSearch: (iata: string) => void }) {
  return (
    <Form name="Airport" action="Look up" onSubmit={({ iata = "" }) => props.onSearch(iata.toUpperCase())}>
      <Field label="Airport" name="iata" value={props.value} />
    </Form>
  );
}

export interface Trip {
  title: string;
  startsOn: string;
  endsOn: string;
}

export function TripForm(props: { onPlan: (trip: Trip) => void }) {
  return (
    <Form
      name="Trip"
      action="Plan"
      onSubmit={({ title = "", startsOn = "", endsOn = "" }) => props.onPlan({ title, startsOn, endsOn })}
    >
      <Field label="Title" name="title" />
      <Field label="From" name="startsOn" type="date" />
      <Field label="To" name="endsOn" type="date" />
    </Form>
  );
}

/** Every refusal in words, once. */
export function Refused({ by }: { by: readonly Refusal[] | undefined }) {
  return [...new Set(by?.map(words))].map((text) => (
    <p key={text} role="alert">
      {text}
    </p>
  ));
}

export function show(client: string, app: ReactNode): void {
  createRoot(document.getElementById("app")!).render(
    <StrictMode>
      <h1>Travel, with {client}</h1>
      <Form name="User" action="Sign in" onSubmit={({ token = "" }) => signIn(token)}>
        <Field label="Token" name="token" type="password" />
      </Form>
      {app}
    </StrictMode>,
  );
}
