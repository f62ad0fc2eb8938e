-- An append says itself whether it met what it was decided on: one statement, and no transaction around it.
create function fence(stands boolean) returns boolean language plpgsql as $$
begin
    if not stands then
        raise exception 'another writer was here first' using errcode = 'JJN01';
    end if;
    return true;
end $$;

revoke execute on function fence(boolean) from public;
grant execute on function fence(boolean) to {app};
