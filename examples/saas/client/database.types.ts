// Made by types.mjs; do not edit.

export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

export type Database = {
  public: {
    Tables: {
      audit_access: {
        Row: {
          access: string
          granted_at: string
          granted_by: unknown
          id: string
          revoked_at: string | null
          revoked_by: unknown
          role_name: unknown
        }
        Insert: {
          access: string
          granted_at?: string
          granted_by?: unknown
          id?: string
          revoked_at?: string | null
          revoked_by?: unknown
          role_name: unknown
        }
        Update: {
          access?: string
          granted_at?: string
          granted_by?: unknown
          id?: string
          revoked_at?: string | null
          revoked_by?: unknown
          role_name?: unknown
        }
        Relationships: []
      }
      audit_action_types: {
        Row: {
          action_type: string
          description: string | null
          display_names: NonNullable<Json>
          is_security: boolean
          ocsf_activity_id: number | null
          ocsf_class_uid: number | null
        }
        Insert: {
          action_type: string
          description?: string | null
          display_names?: NonNullable<Json>
          is_security?: boolean
          ocsf_activity_id?: number | null
          ocsf_class_uid?: number | null
        }
        Update: {
          action_type?: string
          description?: string | null
          display_names?: NonNullable<Json>
          is_security?: boolean
          ocsf_activity_id?: number | null
          ocsf_class_uid?: number | null
        }
        Relationships: []
      }
      audit_archive_runs: {
        Row: {
          archived_count: number
          detail: string | null
          finished_at: string
          id: string
          outcome: string
          started_at: string
        }
        Insert: {
          archived_count?: number
          detail?: string | null
          finished_at?: string
          id?: string
          outcome: string
          started_at: string
        }
        Update: {
          archived_count?: number
          detail?: string | null
          finished_at?: string
          id?: string
          outcome?: string
          started_at?: string
        }
        Relationships: []
      }
      audit_cluster_applied: {
        Row: {
          applied_at: string
          deletion_log_id: string | null
          event_count: number | null
          log_id: string
          ordinal: number
        }
        Insert: {
          applied_at?: string
          deletion_log_id?: string | null
          event_count?: number | null
          log_id: string
          ordinal: number
        }
        Update: {
          applied_at?: string
          deletion_log_id?: string | null
          event_count?: number | null
          log_id?: string
          ordinal?: number
        }
        Relationships: []
      }
      audit_cold_chunks: {
        Row: {
          byte_count: number
          chunk: number
          event_count: number
          next_byte_count: number | null
          next_erased: string | null
          next_sha256: string | null
          object_id: string
          searched_at: string | null
          sha256: string
        }
        Insert: {
          byte_count: number
          chunk: number
          event_count: number
          next_byte_count?: number | null
          next_erased?: string | null
          next_sha256?: string | null
          object_id: string
          searched_at?: string | null
          sha256: string
        }
        Update: {
          byte_count?: number
          chunk?: number
          event_count?: number
          next_byte_count?: number | null
          next_erased?: string | null
          next_sha256?: string | null
          object_id?: string
          searched_at?: string | null
          sha256?: string
        }
        Relationships: []
      }
      audit_cold_erasures: {
        Row: {
          carried_out_log_id: string | null
          deletion_log_id: string
          done_at: string | null
          event_count: number | null
          includes_about: boolean
          is_done: boolean
          object_id: string
          pending_at: string
        }
        Insert: {
          carried_out_log_id?: string | null
          deletion_log_id: string
          done_at?: string | null
          event_count?: number | null
          includes_about?: boolean
          is_done?: boolean
          object_id: string
          pending_at?: string
        }
        Update: {
          carried_out_log_id?: string | null
          deletion_log_id?: string
          done_at?: string | null
          event_count?: number | null
          includes_about?: boolean
          is_done?: boolean
          object_id?: string
          pending_at?: string
        }
        Relationships: []
      }
      audit_cold_loans: {
        Row: {
          created_at: string
          event_id: string
          lent_at: string
          object_id: string
          row_sha256: string
          workspace_id: string
        }
        Insert: {
          created_at: string
          event_id: string
          lent_at?: string
          object_id: string
          row_sha256: string
          workspace_id: string
        }
        Update: {
          created_at?: string
          event_id?: string
          lent_at?: string
          object_id?: string
          row_sha256?: string
          workspace_id?: string
        }
        Relationships: []
      }
      audit_cold_objects: {
        Row: {
          check_detail: string | null
          check_result: string | null
          checked_at: string | null
          checked_by_role: string | null
          checked_by_user_id: string | null
          condemned_at: string | null
          condemned_by_role: string | null
          condemned_by_user_id: string | null
          condemned_reason: string | null
          event_count: number | null
          file_bytes: number | null
          file_sha256: string | null
          first_created_at: string | null
          first_id: string | null
          gone_at: string | null
          gone_by_role: string | null
          gone_by_user_id: string | null
          is_adopted: boolean
          last_created_at: string | null
          last_id: string | null
          manifest: Json | null
          month: string
          object_id: string
          opened_at: string
          opened_by_backend_start: string
          opened_by_pid: number
          opened_by_role: string
          opened_by_user_id: string
          path: string
          release_log_id: string | null
          released_at: string | null
          released_by_role: string | null
          released_by_user_id: string | null
          replaces: string | null
          request_id: string | null
          state: string
          store: string
          stored_at: string | null
          stored_by_role: string | null
          stored_by_user_id: string | null
          workspace_id: string
        }
        Insert: {
          check_detail?: string | null
          check_result?: string | null
          checked_at?: string | null
          checked_by_role?: string | null
          checked_by_user_id?: string | null
          condemned_at?: string | null
          condemned_by_role?: string | null
          condemned_by_user_id?: string | null
          condemned_reason?: string | null
          event_count?: number | null
          file_bytes?: number | null
          file_sha256?: string | null
          first_created_at?: string | null
          first_id?: string | null
          gone_at?: string | null
          gone_by_role?: string | null
          gone_by_user_id?: string | null
          is_adopted?: boolean
          last_created_at?: string | null
          last_id?: string | null
          manifest?: Json | null
          month: string
          object_id: string
          opened_at?: string
          opened_by_backend_start: string
          opened_by_pid: number
          opened_by_role: string
          opened_by_user_id: string
          path: string
          release_log_id?: string | null
          released_at?: string | null
          released_by_role?: string | null
          released_by_user_id?: string | null
          replaces?: string | null
          request_id?: string | null
          state?: string
          store: string
          stored_at?: string | null
          stored_by_role?: string | null
          stored_by_user_id?: string | null
          workspace_id: string
        }
        Update: {
          check_detail?: string | null
          check_result?: string | null
          checked_at?: string | null
          checked_by_role?: string | null
          checked_by_user_id?: string | null
          condemned_at?: string | null
          condemned_by_role?: string | null
          condemned_by_user_id?: string | null
          condemned_reason?: string | null
          event_count?: number | null
          file_bytes?: number | null
          file_sha256?: string | null
          first_created_at?: string | null
          first_id?: string | null
          gone_at?: string | null
          gone_by_role?: string | null
          gone_by_user_id?: string | null
          is_adopted?: boolean
          last_created_at?: string | null
          last_id?: string | null
          manifest?: Json | null
          month?: string
          object_id?: string
          opened_at?: string
          opened_by_backend_start?: string
          opened_by_pid?: number
          opened_by_role?: string
          opened_by_user_id?: string
          path?: string
          release_log_id?: string | null
          released_at?: string | null
          released_by_role?: string | null
          released_by_user_id?: string | null
          replaces?: string | null
          request_id?: string | null
          state?: string
          store?: string
          stored_at?: string | null
          stored_by_role?: string | null
          stored_by_user_id?: string | null
          workspace_id?: string
        }
        Relationships: []
      }
      audit_deletion_events: {
        Row: {
          entries: string
          list_id: string
          part: number
        }
        Insert: {
          entries: string
          list_id: string
          part: number
        }
        Update: {
          entries?: string
          list_id?: string
          part?: number
        }
        Relationships: []
      }
      audit_deletion_log: {
        Row: {
          acting_role: string
          approval_ticket_id: string | null
          cutoff: string | null
          deleted_at: string
          deleted_by_role: string
          deleted_by_user_id: string | null
          deletion_authority: string
          deletion_reason: string | null
          event_count: number
          event_ids_sha256: string | null
          event_list_id: string | null
          held_workspaces: string[] | null
          id: string
          include_events_about_user: boolean | null
          is_irrevocable: boolean
          kind: string | null
          newest_event_at: string | null
          oldest_event_at: string | null
          parent_id: string | null
          subject_user_id: string | null
          workspace_id: string
        }
        Insert: {
          acting_role: string
          approval_ticket_id?: string | null
          cutoff?: string | null
          deleted_at?: string
          deleted_by_role: string
          deleted_by_user_id?: string | null
          deletion_authority: string
          deletion_reason?: string | null
          event_count: number
          event_ids_sha256?: string | null
          event_list_id?: string | null
          held_workspaces?: string[] | null
          id?: string
          include_events_about_user?: boolean | null
          is_irrevocable: boolean
          kind?: string | null
          newest_event_at?: string | null
          oldest_event_at?: string | null
          parent_id?: string | null
          subject_user_id?: string | null
          workspace_id: string
        }
        Update: {
          acting_role?: string
          approval_ticket_id?: string | null
          cutoff?: string | null
          deleted_at?: string
          deleted_by_role?: string
          deleted_by_user_id?: string | null
          deletion_authority?: string
          deletion_reason?: string | null
          event_count?: number
          event_ids_sha256?: string | null
          event_list_id?: string | null
          held_workspaces?: string[] | null
          id?: string
          include_events_about_user?: boolean | null
          is_irrevocable?: boolean
          kind?: string | null
          newest_event_at?: string | null
          oldest_event_at?: string | null
          parent_id?: string | null
          subject_user_id?: string | null
          workspace_id?: string
        }
        Relationships: []
      }
      audit_deletion_months: {
        Row: {
          deletion_log_id: string
          event_count: number
          month: string
        }
        Insert: {
          deletion_log_id: string
          event_count: number
          month: string
        }
        Update: {
          deletion_log_id?: string
          event_count?: number
          month?: string
        }
        Relationships: []
      }
      audit_deletion_requests: {
        Row: {
          approval_ticket_id: string | null
          decided_at: string | null
          decided_by_role: string | null
          decided_by_user_id: string | null
          deletion_authority: string
          deletion_log_id: string | null
          execute_after: string | null
          executed_at: string | null
          executed_by_role: string | null
          executed_by_user_id: string | null
          expires_at: string
          id: string
          include_events_about_user: boolean
          kind: string
          reason: string | null
          rejection_reason: string | null
          requested_at: string
          requested_by_role: string
          requested_by_role_oid: unknown
          requested_by_user_id: string
          skip_held: boolean
          state: string
          subject_user_id: string | null
          workspace_id: string
        }
        Insert: {
          approval_ticket_id?: string | null
          decided_at?: string | null
          decided_by_role?: string | null
          decided_by_user_id?: string | null
          deletion_authority: string
          deletion_log_id?: string | null
          execute_after?: string | null
          executed_at?: string | null
          executed_by_role?: string | null
          executed_by_user_id?: string | null
          expires_at: string
          id?: string
          include_events_about_user?: boolean
          kind: string
          reason?: string | null
          rejection_reason?: string | null
          requested_at?: string
          requested_by_role: string
          requested_by_role_oid?: unknown
          requested_by_user_id: string
          skip_held?: boolean
          state?: string
          subject_user_id?: string | null
          workspace_id: string
        }
        Update: {
          approval_ticket_id?: string | null
          decided_at?: string | null
          decided_by_role?: string | null
          decided_by_user_id?: string | null
          deletion_authority?: string
          deletion_log_id?: string | null
          execute_after?: string | null
          executed_at?: string | null
          executed_by_role?: string | null
          executed_by_user_id?: string | null
          expires_at?: string
          id?: string
          include_events_about_user?: boolean
          kind?: string
          reason?: string | null
          rejection_reason?: string | null
          requested_at?: string
          requested_by_role?: string
          requested_by_role_oid?: unknown
          requested_by_user_id?: string
          skip_held?: boolean
          state?: string
          subject_user_id?: string | null
          workspace_id?: string
        }
        Relationships: []
      }
      audit_deletion_scrubs: {
        Row: {
          deletion_log_id: string
          id: string
          partitions: string[]
          scrubbed_at: string
          scrubbed_by_role: string
        }
        Insert: {
          deletion_log_id: string
          id?: string
          partitions: string[]
          scrubbed_at?: string
          scrubbed_by_role: string
        }
        Update: {
          deletion_log_id?: string
          id?: string
          partitions?: string[]
          scrubbed_at?: string
          scrubbed_by_role?: string
        }
        Relationships: []
      }
      audit_events: {
        Row: {
          action_type: string | null
          changed_fields: string[] | null
          created_at: string
          created_by_user_id: string | null
          deleted_at: string | null
          deleted_by_user_id: string | null
          deletion_reason: string | null
          id: string
          ip_address: string | null
          metadata: Json | null
          new_values: Json | null
          old_values: Json | null
          request_id: string | null
          resource_id: string | null
          resource_type: string | null
          seal_key: string | null
          seal_xid: number | null
          tags: string[] | null
          user_agent: string | null
          workspace_id: string
        }
        Insert: {
          action_type?: string | null
          changed_fields?: string[] | null
          created_at?: string
          created_by_user_id?: string | null
          deleted_at?: string | null
          deleted_by_user_id?: string | null
          deletion_reason?: string | null
          id?: string
          ip_address?: unknown
          metadata?: Json | null
          new_values?: Json | null
          old_values?: Json | null
          request_id?: string | null
          resource_id?: string | null
          resource_type?: string | null
          seal_key?: string | null
          seal_xid?: number | null
          tags?: string[] | null
          user_agent?: string | null
          workspace_id: string
        }
        Update: {
          action_type?: string | null
          changed_fields?: string[] | null
          created_at?: string
          created_by_user_id?: string | null
          deleted_at?: string | null
          deleted_by_user_id?: string | null
          deletion_reason?: string | null
          id?: string
          ip_address?: unknown
          metadata?: Json | null
          new_values?: Json | null
          old_values?: Json | null
          request_id?: string | null
          resource_id?: string | null
          resource_type?: string | null
          seal_key?: string | null
          seal_xid?: number | null
          tags?: string[] | null
          user_agent?: string | null
          workspace_id?: string
        }
        Relationships: []
      }
      audit_events_archive: {
        Row: {
          action_type: string | null
          changed_fields: string[] | null
          created_at: string
          created_by_user_id: string | null
          deleted_at: string | null
          deleted_by_user_id: string | null
          deletion_reason: string | null
          id: string
          ip_address: string | null
          metadata: Json | null
          new_values: Json | null
          old_values: Json | null
          request_id: string | null
          resource_id: string | null
          resource_type: string | null
          seal_key: string | null
          seal_xid: number | null
          tags: string[] | null
          user_agent: string | null
          workspace_id: string
        }
        Insert: {
          action_type?: string | null
          changed_fields?: string[] | null
          created_at: string
          created_by_user_id?: string | null
          deleted_at?: string | null
          deleted_by_user_id?: string | null
          deletion_reason?: string | null
          id: string
          ip_address?: unknown
          metadata?: Json | null
          new_values?: Json | null
          old_values?: Json | null
          request_id?: string | null
          resource_id?: string | null
          resource_type?: string | null
          seal_key?: string | null
          seal_xid?: number | null
          tags?: string[] | null
          user_agent?: string | null
          workspace_id: string
        }
        Update: {
          action_type?: string | null
          changed_fields?: string[] | null
          created_at?: string
          created_by_user_id?: string | null
          deleted_at?: string | null
          deleted_by_user_id?: string | null
          deletion_reason?: string | null
          id?: string
          ip_address?: unknown
          metadata?: Json | null
          new_values?: Json | null
          old_values?: Json | null
          request_id?: string | null
          resource_id?: string | null
          resource_type?: string | null
          seal_key?: string | null
          seal_xid?: number | null
          tags?: string[] | null
          user_agent?: string | null
          workspace_id?: string
        }
        Relationships: []
      }
      audit_idempotency_keys_1: {
        Row: {
          event_id: string
          key_hash: string
        }
        Insert: {
          event_id: string
          key_hash: string
        }
        Update: {
          event_id?: string
          key_hash?: string
        }
        Relationships: []
      }
      audit_idempotency_keys_2: {
        Row: {
          event_id: string
          key_hash: string
        }
        Insert: {
          event_id: string
          key_hash: string
        }
        Update: {
          event_id?: string
          key_hash?: string
        }
        Relationships: []
      }
      audit_imports: {
        Row: {
          failure: string | null
          finished_at: string | null
          imported_count: number
          mapping: NonNullable<Json>
          name: string
          newest_event_at: string | null
          oldest_event_at: string | null
          run_by_backend_start: string
          run_by_pid: number
          skipped_count: number
          source: string
          started_at: string
          started_by: unknown
          state: string
        }
        Insert: {
          failure?: string | null
          finished_at?: string | null
          imported_count?: number
          mapping: NonNullable<Json>
          name: string
          newest_event_at?: string | null
          oldest_event_at?: string | null
          run_by_backend_start: string
          run_by_pid: number
          skipped_count?: number
          source: string
          started_at?: string
          started_by?: unknown
          state?: string
        }
        Update: {
          failure?: string | null
          finished_at?: string | null
          imported_count?: number
          mapping?: NonNullable<Json>
          name?: string
          newest_event_at?: string | null
          oldest_event_at?: string | null
          run_by_backend_start?: string
          run_by_pid?: number
          skipped_count?: number
          source?: string
          started_at?: string
          started_by?: unknown
          state?: string
        }
        Relationships: []
      }
      audit_indexes: {
        Row: {
          is_live: boolean
          is_wanted: boolean
          kind: string
        }
        Insert: {
          is_live: boolean
          is_wanted: boolean
          kind: string
        }
        Update: {
          is_live?: boolean
          is_wanted?: boolean
          kind?: string
        }
        Relationships: []
      }
      audit_legal_holds: {
        Row: {
          id: string
          placed_at: string
          placed_by_role: string
          placed_by_user_id: string
          reason: string
          release_reason: string | null
          released_at: string | null
          released_by_role: string | null
          released_by_user_id: string | null
          user_id: string | null
          workspace_id: string
        }
        Insert: {
          id?: string
          placed_at?: string
          placed_by_role: string
          placed_by_user_id: string
          reason: string
          release_reason?: string | null
          released_at?: string | null
          released_by_role?: string | null
          released_by_user_id?: string | null
          user_id?: string | null
          workspace_id: string
        }
        Update: {
          id?: string
          placed_at?: string
          placed_by_role?: string
          placed_by_user_id?: string
          reason?: string
          release_reason?: string | null
          released_at?: string | null
          released_by_role?: string | null
          released_by_user_id?: string | null
          user_id?: string | null
          workspace_id?: string
        }
        Relationships: []
      }
      audit_log_incarnations: {
        Row: {
          began_at: string
          began_by: string
          database_oid: number
          incarnation: number
          origin: string
          reason: string
          root_log_id: string
          system_identifier: string
          timeline: number
        }
        Insert: {
          began_at?: string
          began_by: string
          database_oid: number
          incarnation: number
          origin: string
          reason: string
          root_log_id: string
          system_identifier: string
          timeline: number
        }
        Update: {
          began_at?: string
          began_by?: string
          database_oid?: number
          incarnation?: number
          origin?: string
          reason?: string
          root_log_id?: string
          system_identifier?: string
          timeline?: number
        }
        Relationships: []
      }
      audit_log_seals: {
        Row: {
          boot_id: string
          event_count: number
          head_count: number
          incarnation: number
          next_xid: number
          root_hash: string
          root_size: number
          seal: number
          sealed_at: string
          seen_at: string
          snapshot: string
          uptime_us: number
          waiting: number[]
          waiting_since: string[]
        }
        Insert: {
          boot_id: string
          event_count: number
          head_count: number
          incarnation: number
          next_xid: number
          root_hash: string
          root_size: number
          seal: number
          sealed_at?: string
          seen_at: string
          snapshot: string
          uptime_us: number
          waiting: number[]
          waiting_since: string[]
        }
        Update: {
          boot_id?: string
          event_count?: number
          head_count?: number
          incarnation?: number
          next_xid?: number
          root_hash?: string
          root_size?: number
          seal?: number
          sealed_at?: string
          seen_at?: string
          snapshot?: string
          uptime_us?: number
          waiting?: number[]
          waiting_since?: string[]
        }
        Relationships: []
      }
      audit_log_signatures: {
        Row: {
          added_at: string
          added_by: string
          evidence: string
          incarnation: number
          kind: string
          name: string
          size: number
        }
        Insert: {
          added_at?: string
          added_by: string
          evidence: string
          incarnation: number
          kind: string
          name: string
          size: number
        }
        Update: {
          added_at?: string
          added_by?: string
          evidence?: string
          incarnation?: number
          kind?: string
          name?: string
          size?: number
        }
        Relationships: []
      }
      audit_log_tiles: {
        Row: {
          first: number
          frontier: string | null
          hashes: string
          head_index: number | null
          incarnation: number | null
          level: number
          log_id: string
          refs: string | null
        }
        Insert: {
          first: number
          frontier?: string | null
          hashes: string
          head_index?: number | null
          incarnation?: number | null
          level: number
          log_id: string
          refs?: string | null
        }
        Update: {
          first?: number
          frontier?: string | null
          hashes?: string
          head_index?: number | null
          incarnation?: number | null
          level?: number
          log_id?: string
          refs?: string | null
        }
        Relationships: []
      }
      audit_membership_source: {
        Row: {
          singleton: boolean
          table_name: unknown
          table_schema: unknown
          user_column: unknown
          workspace_column: unknown
        }
        Insert: {
          singleton?: boolean
          table_name?: unknown
          table_schema?: unknown
          user_column?: unknown
          workspace_column?: unknown
        }
        Update: {
          singleton?: boolean
          table_name?: unknown
          table_schema?: unknown
          user_column?: unknown
          workspace_column?: unknown
        }
        Relationships: []
      }
      audit_resource_salt: {
        Row: {
          made_at: string
          salt: string
        }
        Insert: {
          made_at?: string
          salt?: string
        }
        Update: {
          made_at?: string
          salt?: string
        }
        Relationships: []
      }
      audit_restored_events: {
        Row: {
          created_at: string
          event_id: string
          keep_hot_until: string
          restored_at: string
          workspace_id: string
        }
        Insert: {
          created_at: string
          event_id: string
          keep_hot_until: string
          restored_at?: string
          workspace_id: string
        }
        Update: {
          created_at?: string
          event_id?: string
          keep_hot_until?: string
          restored_at?: string
          workspace_id?: string
        }
        Relationships: []
      }
      audit_retention_policies: {
        Row: {
          approval_expiry_days: number
          archive_by: string
          cold_retention_days: number | null
          compliance_reason: string | null
          cooling_off_days: number
          created_at: string
          hot_retention_days: number
          is_compliance_mode: boolean
          offboarded_at: string | null
          protected_days: number | null
          protected_until: string | null
          requires_approval: boolean
          updated_at: string
          warm_archive_days: number
          workspace_id: string
        }
        Insert: {
          approval_expiry_days?: number
          archive_by?: string
          cold_retention_days?: number | null
          compliance_reason?: string | null
          cooling_off_days?: number
          created_at?: string
          hot_retention_days?: number
          is_compliance_mode?: boolean
          offboarded_at?: string | null
          protected_days?: number | null
          protected_until?: string | null
          requires_approval?: boolean
          updated_at?: string
          warm_archive_days?: number
          workspace_id: string
        }
        Update: {
          approval_expiry_days?: number
          archive_by?: string
          cold_retention_days?: number | null
          compliance_reason?: string | null
          cooling_off_days?: number
          created_at?: string
          hot_retention_days?: number
          is_compliance_mode?: boolean
          offboarded_at?: string | null
          protected_days?: number | null
          protected_until?: string | null
          requires_approval?: boolean
          updated_at?: string
          warm_archive_days?: number
          workspace_id?: string
        }
        Relationships: []
      }
      audit_sequence_floors: {
        Row: {
          last_created_at: string
          last_event_id: string
          workspace_id: string
        }
        Insert: {
          last_created_at: string
          last_event_id: string
          workspace_id: string
        }
        Update: {
          last_created_at?: string
          last_event_id?: string
          workspace_id?: string
        }
        Relationships: []
      }
      audit_stream_cursors: {
        Row: {
          acked_at: string | null
          batch_events: string | null
          batch_id: number
          begun_at: string
          end_incarnation: number | null
          end_log_place: number | null
          end_root_place: number | null
          fetched_at: string | null
          incarnation: number
          log_place: number
          root_place: number
          stream_id: string
        }
        Insert: {
          acked_at?: string | null
          batch_events?: string | null
          batch_id?: number
          begun_at?: string
          end_incarnation?: number | null
          end_log_place?: number | null
          end_root_place?: number | null
          fetched_at?: string | null
          incarnation: number
          log_place?: number
          root_place: number
          stream_id: string
        }
        Update: {
          acked_at?: string | null
          batch_events?: string | null
          batch_id?: number
          begun_at?: string
          end_incarnation?: number | null
          end_log_place?: number | null
          end_root_place?: number | null
          fetched_at?: string | null
          incarnation?: number
          log_place?: number
          root_place?: number
          stream_id?: string
        }
        Relationships: []
      }
      audit_stream_definitions: {
        Row: {
          actions: string[] | null
          created_at: string
          created_by: unknown
          dropped_at: string | null
          dropped_by: unknown
          format: string
          imported: boolean
          name: string
          reader: unknown
          reader_oid: unknown
          reader_system: string
          stream_id: string
          workspace_id: string | null
        }
        Insert: {
          actions?: string[] | null
          created_at?: string
          created_by?: unknown
          dropped_at?: string | null
          dropped_by?: unknown
          format: string
          imported: boolean
          name: string
          reader: unknown
          reader_oid: unknown
          reader_system: string
          stream_id?: string
          workspace_id?: string | null
        }
        Update: {
          actions?: string[] | null
          created_at?: string
          created_by?: unknown
          dropped_at?: string | null
          dropped_by?: unknown
          format?: string
          imported?: boolean
          name?: string
          reader?: unknown
          reader_oid?: unknown
          reader_system?: string
          stream_id?: string
          workspace_id?: string | null
        }
        Relationships: []
      }
      audit_tracking: {
        Row: {
          id: string
          ignored_columns: unknown[]
          masked_columns: unknown[]
          resource_type: string
          table_name: unknown
          table_schema: unknown
          tracked_at: string
          tracked_by: unknown
          untracked_at: string | null
          untracked_by: unknown
          workspace_column: unknown
        }
        Insert: {
          id?: string
          ignored_columns?: unknown[]
          masked_columns?: unknown[]
          resource_type: string
          table_name: unknown
          table_schema: unknown
          tracked_at?: string
          tracked_by?: unknown
          untracked_at?: string | null
          untracked_by?: unknown
          workspace_column?: unknown
        }
        Update: {
          id?: string
          ignored_columns?: unknown[]
          masked_columns?: unknown[]
          resource_type?: string
          table_name?: unknown
          table_schema?: unknown
          tracked_at?: string
          tracked_by?: unknown
          untracked_at?: string | null
          untracked_by?: unknown
          workspace_column?: unknown
        }
        Relationships: []
      }
    }
    Views: {
      audit_event_sequence: {
        Row: {
          last_created_at: string | null
          last_event_id: string | null
          workspace_id: string | null
        }
        Insert: {
          last_created_at?: string | null
          last_event_id?: string | null
          workspace_id?: string | null
        }
        Relationships: []
      }
      audit_streams: {
        Row: {
          format: string | null
          lag: string | null
          last_ack_at: string | null
          last_fetch_at: string | null
          name: string | null
          oldest_unread_at: string | null
          reader: unknown
          state: string | null
          workspace_id: string | null
        }
        Relationships: []
      }
      audit_tracked_tables: {
        Row: {
          capture: string | null
          ignored_columns: unknown[] | null
          masked_columns: unknown[] | null
          resource_type: string | null
          table_name: unknown
          table_schema: unknown
          tracked_at: string | null
          tracked_by: unknown
          workspace_column: unknown
        }
        Relationships: []
      }
      partition_schedule: {
        Row: {
          default_partition_rows: number | null
          months_ahead: number | null
          newest_partition: string | null
          next_partition_date: string | null
          parent_table: string | null
        }
        Relationships: []
      }
      vw_security_audit: {
        Row: {
          action_type: string | null
          changed_fields: string[] | null
          created_at: string | null
          created_by_user_id: string | null
          deleted_at: string | null
          deleted_by_user_id: string | null
          deletion_reason: string | null
          id: string | null
          ip_address: string | null
          metadata: Json | null
          new_values: Json | null
          old_values: Json | null
          request_id: string | null
          resource_id: string | null
          resource_type: string | null
          tags: string[] | null
          user_agent: string | null
          workspace_id: string | null
        }
        Insert: {
          action_type?: string | null
          changed_fields?: string[] | null
          created_at?: string | null
          created_by_user_id?: string | null
          deleted_at?: string | null
          deleted_by_user_id?: string | null
          deletion_reason?: string | null
          id?: string | null
          ip_address?: unknown
          metadata?: Json | null
          new_values?: Json | null
          old_values?: Json | null
          request_id?: string | null
          resource_id?: string | null
          resource_type?: string | null
          tags?: string[] | null
          user_agent?: string | null
          workspace_id?: string | null
        }
        Update: {
          action_type?: string | null
          changed_fields?: string[] | null
          created_at?: string | null
          created_by_user_id?: string | null
          deleted_at?: string | null
          deleted_by_user_id?: string | null
          deletion_reason?: string | null
          id?: string | null
          ip_address?: unknown
          metadata?: Json | null
          new_values?: Json | null
          old_values?: Json | null
          request_id?: string | null
          resource_id?: string | null
          resource_type?: string | null
          tags?: string[] | null
          user_agent?: string | null
          workspace_id?: string | null
        }
        Relationships: []
      }
    }
    Functions: {
      ack_audit_stream: {
        Args: { p_batch_id: number; p_name: string }
        Returns: boolean
      }
      adopt_audit_cold_object: {
        Args: { p_manifest: Json; p_path: string; p_store: string }
        Returns: undefined
      }
      approve_audit_deletion: {
        Args: { p_approval_ticket_id: string; p_request_id: string }
        Returns: { deleted_count: number | null; deletion_log_id: string | null }
      }
      archive_old_audit_events: {
        Args: Record<PropertyKey, never>
        Returns: {
          archived_count: number
          deleted_count: number
        }[]
      }
      audit_add_signatures: { Args: { p_note: string }; Returns: number }
      audit_add_timestamp: {
        Args: { p_origin?: string; p_size: number; p_token: string }
        Returns: undefined
      }
      audit_await_seal: {
        Args: { p_event_id: string; p_timeout?: string }
        Returns: boolean
      }
      audit_begin_incarnation: { Args: { p_reason: string }; Returns: number }
      audit_checkpoint: {
        Args: { p_origin?: string; p_size?: number }
        Returns: string
      }
      audit_clear_unused_policies: {
        Args: Record<PropertyKey, never>
        Returns: number
      }
      audit_cluster_catch_up: {
        Args: Record<PropertyKey, never>
        Returns: number
      }
      audit_cluster_count: { Args: { p_removal: string }; Returns: Json }
      audit_cluster_enable: {
        Args: Record<PropertyKey, never>
        Returns: undefined
      }
      audit_cluster_health: {
        Args: Record<PropertyKey, never>
        Returns: {
          check_name: string
          detail: string
          hint: string
          node_group: number
          status: string
        }[]
      }
      audit_cluster_newest: {
        Args: Record<PropertyKey, never>
        Returns: number
      }
      audit_cluster_page: {
        Args: { p_wanted: string }
        Returns: {
          action_type: string
          changed_fields: string[]
          created_at: string
          created_by_user_id: string
          id: string
          ip_address: string | null
          is_archived: boolean
          metadata: Json
          new_values: Json
          old_values: Json
          request_id: string
          resource_id: string
          resource_type: string
          tags: string[]
          user_agent: string
          workspace_id: string
        }[]
      }
      audit_cluster_position: {
        Args: { p_event_id: string; p_workspace_id: string }
        Returns: number
      }
      audit_cluster_restore: { Args: { p_wanted: string }; Returns: number }
      audit_cluster_retire: {
        Args: { p_group: number; p_reason: string }
        Returns: undefined
      }
      audit_cold_coverage: {
        Args: { p_workspace_id: string }
        Returns: {
          event_count: number
          month: string
          newest_event_at: string
          object_id: string
          oldest_event_at: string
        }[]
      }
      audit_cold_due: {
        Args: { p_min_events?: number; p_workspace_id?: string }
        Returns: {
          event_count: number
          month: string
          obstacle: string | null
          workspace_id: string
        }[]
      }
      audit_consistency_proof: {
        Args: { p_new_size?: number; p_old_size: number; p_origin?: string }
        Returns: string
      }
      audit_deletion_certificate: {
        Args: { p_deletion_log_id: string }
        Returns: Json
      }
      audit_event_id: { Args: Record<PropertyKey, never>; Returns: string }
      audit_event_proof: {
        Args: { p_event_id: string; p_fields?: string[] }
        Returns: Json
      }
      audit_event_time: { Args: Record<PropertyKey, never>; Returns: string }
      audit_export_log: {
        Args: {
          p_fields?: string[]
          p_first?: number
          p_since_size?: number
          p_workspace_id?: string
        }
        Returns: string[]
      }
      audit_grant: {
        Args: { p_access: string; p_role: unknown }
        Returns: undefined
      }
      audit_health: {
        Args: Record<PropertyKey, never>
        Returns: {
          check_name: string
          detail: string
          hint: string
          status: string
        }[]
      }
      audit_index: {
        Args: { p_kind: string; p_live?: boolean }
        Returns: {
          partition_name: string
          state: string
        }[]
      }
      audit_log_files: {
        Args: {
          p_from_size?: number
          p_origin?: string
          p_workspace_id?: string
        }
        Returns: {
          content: string
          path: string
        }[]
      }
      audit_may_read: { Args: { p_workspace_id: string }; Returns: boolean }
      audit_metrics: {
        Args: Record<PropertyKey, never>
        Returns: {
          help: string
          kind: string
          labels: Json
          metric: string
          value: number
        }[]
      }
      audit_newest_event: {
        Args: { p_workspace_id: string }
        Returns: {
          created_at: string
          id: string
        }[]
      }
      audit_resource_id: {
        Args: { p_key: string; p_resource_type: string }
        Returns: string
      }
      audit_revoke: {
        Args: { p_access: string; p_role: unknown }
        Returns: undefined
      }
      audit_schedule_jobs: {
        Args: Record<PropertyKey, never>
        Returns: {
          job_name: string
          schedule: string
        }[]
      }
      audit_scrub: { Args: { p_deletion_log_id: string }; Returns: undefined }
      audit_seal: {
        Args: Record<PropertyKey, never>
        Returns: { sealed_count: number; head_count: number; checkpoint: string | null; is_behind: boolean }
      }
      audit_set_membership_source: {
        Args: {
          p_table: unknown
          p_user_column?: unknown
          p_workspace_column?: unknown
        }
        Returns: undefined
      }
      audit_setup: { Args: Record<PropertyKey, never>; Returns: undefined }
      audit_track_table: {
        Args: {
          p_ignored_columns?: unknown[]
          p_masked_columns?: unknown[]
          p_resource_type?: string
          p_table: unknown
          p_workspace_column?: unknown
        }
        Returns: undefined
      }
      audit_unindex: { Args: { p_kind: string }; Returns: undefined }
      audit_untrack_table: { Args: { p_table: unknown }; Returns: undefined }
      audit_verify: {
        Args: {
          p_checkpoints?: string[]
          p_depth?: string
          p_keys?: string[]
          p_workspace_id?: string
        }
        Returns: {
          code: string
          detail: string
          event_id: string | null
          leaf_index: number | null
          severity: string
          workspace_id: string | null
        }[]
      }
      begin_audit_cold_object: {
        Args: {
          p_month: string
          p_replaces?: string
          p_store: string
          p_workspace_id: string
        }
        Returns: { object_id: string; path: string }
      }
      confirm_audit_cold_removed: {
        Args: { p_object_id: string }
        Returns: undefined
      }
      count_audit_events: {
        Args: {
          p_actions?: string[]
          p_changed_field?: string
          p_contains?: Json
          p_from?: string
          p_ip_address?: string
          p_request_id?: string
          p_resource_id?: string
          p_resource_types?: string[]
          p_tags?: string[]
          p_text?: string
          p_to?: string
          p_up_to?: number
          p_user_ids?: string[]
          p_workspace_id?: string
        }
        Returns: { event_count: number; is_exact: boolean }
      }
      create_audit_stream: {
        Args: {
          p_actions?: string[]
          p_format?: string
          p_from?: string
          p_imported?: boolean
          p_name: string
          p_reader: unknown
          p_workspace_id?: string
        }
        Returns: undefined
      }
      create_monthly_audit_partition: {
        Args: { p_months_ahead?: number }
        Returns: {
          partition_name: string
        }[]
      }
      create_past_audit_partitions: {
        Args: { p_from: string; p_until: string }
        Returns: {
          partition_name: string
        }[]
      }
      delete_person_audit_events: {
        Args: {
          p_approval_ticket_id: string
          p_authority: string
          p_include_events_about_user?: boolean
          p_reason?: string
          p_skip_held?: boolean
          p_user_id: string
        }
        Returns: { deleted_count: number; deletion_log_id: string; workspace_count: number; held_workspaces: string[] }
      }
      delete_user_audit_events_compliant: {
        Args: {
          p_approval_ticket_id: string
          p_authority: string
          p_include_events_about_user?: boolean
          p_reason?: string
          p_user_id: string
          p_workspace_id: string
        }
        Returns: { deleted_count: number | null; deletion_log_id: string | null }
      }
      discard_audit_cold_object: {
        Args: { p_object_id: string; p_reason: string }
        Returns: undefined
      }
      drop_audit_stream: { Args: { p_name: string }; Returns: undefined }
      erase_audit_cold_chunk: {
        Args: { p_chunk: number; p_events: string; p_object_id: string }
        Returns: string | null
      }
      execute_audit_deletion: {
        Args: { p_request_id: string }
        Returns: { deleted_count: number | null; deletion_log_id: string | null }
      }
      explain_audit_retention: {
        Args: { p_workspace_id: string }
        Returns: {
          event_count: number
          location: string
          newest_event_at: string
          oldest_event_at: string
          outcome: string
          reason: string
        }[]
      }
      explain_audit_search: {
        Args: {
          p_actions?: string[]
          p_changed_field?: string
          p_contains?: Json
          p_from?: string
          p_ip_address?: string
          p_request_id?: string
          p_resource_id?: string
          p_resource_types?: string[]
          p_tags?: string[]
          p_text?: string
          p_to?: string
          p_user_ids?: string[]
          p_workspace_id?: string
        }
        Returns: {
          access_path: string
          is_archived: boolean
          keys_to_read: number
          partition_name: string
        }[]
      }
      export_audit_deletions: { Args: { p_since?: string }; Returns: string[] }
      export_audit_events: {
        Args: {
          p_actions?: string[]
          p_after_event_id?: string
          p_changed_field?: string
          p_contains?: Json
          p_format?: string
          p_from?: string
          p_ip_address?: string
          p_request_id?: string
          p_resource_id?: string
          p_resource_types?: string[]
          p_tags?: string[]
          p_text?: string
          p_to?: string
          p_user_ids?: string[]
          p_workspace_id: string
        }
        Returns: string[]
      }
      export_person_audit_events: {
        Args: {
          p_approval_ticket_id: string
          p_authority: string
          p_format?: string
          p_include_events_about_user?: boolean
          p_mask_others?: boolean
          p_user_id: string
        }
        Returns: string[]
      }
      fetch_audit_stream: {
        Args: { p_ack_batch_id?: number; p_limit?: number; p_name: string }
        Returns: {
          batch_id: number
          event_id: string
          payload: string
        }[]
      }
      get_audit_trail: {
        Args: {
          p_before_event_id?: string
          p_days_back?: number
          p_limit?: number
          p_resource_id?: string
          p_resource_type?: string
          p_workspace_id: string
        }
        Returns: {
          action_type: string
          changed_fields: string[] | null
          created_at: string
          created_by_user_id: string
          id: string
          ip_address: string | null
          is_archived: boolean
          metadata: Json
          new_values: Json
          old_values: Json
          request_id: string | null
          resource_id: string | null
          resource_type: string
          tags: string[] | null
          user_agent: string | null
          workspace_id: string
        }[]
      }
      get_audit_trail_here: {
        Args: {
          p_before_event_id?: string
          p_days_back?: number
          p_limit?: number
          p_resource_id?: string
          p_resource_type?: string
          p_workspace_id: string
        }
        Returns: {
          action_type: string
          changed_fields: string[]
          created_at: string
          created_by_user_id: string
          id: string
          ip_address: string | null
          is_archived: boolean
          metadata: Json
          new_values: Json
          old_values: Json
          request_id: string
          resource_id: string
          resource_type: string
          tags: string[]
          user_agent: string
          workspace_id: string
        }[]
      }
      insert_audit_event: {
        Args: {
          p_action_type?: string
          p_created_at?: string
          p_created_by_user_id?: string
          p_idempotency_key?: string
          p_ip_address?: string
          p_metadata?: Json
          p_new_values?: Json
          p_old_values?: Json
          p_request_id?: string
          p_resource_id?: string
          p_resource_type?: string
          p_tags?: string[]
          p_user_agent?: string
          p_workspace_id?: string
        }
        Returns: string
      }
      insert_audit_events: { Args: { p_events: Json }; Returns: string[] }
      place_audit_hold: {
        Args: { p_reason: string; p_user_id?: string; p_workspace_id: string }
        Returns: string
      }
      purge_expired_audit_events: {
        Args: {
          p_approval_ticket_id: string
          p_authority: string
          p_workspace_id: string
        }
        Returns: { deleted_count: number | null; deletion_log_id: string | null }
      }
      reapply_audit_deletions: {
        Args: {
          p_approval_ticket_id: string
          p_authority: string
          p_journal: Json
        }
        Returns: {
          deletion_log_id: string
          event_count: number
          outcome: string
        }[]
      }
      reject_audit_deletion: {
        Args: { p_reason: string; p_request_id: string }
        Returns: undefined
      }
      release_audit_cold_object: {
        Args: {
          p_approval_ticket_id: string
          p_authority: string
          p_object_id: string
        }
        Returns: { released_count: number; deletion_log_id: string }
      }
      release_audit_hold: {
        Args: { p_hold_id: string; p_reason: string }
        Returns: undefined
      }
      replace_audit_cold_object: {
        Args: { p_manifest: Json; p_object_id: string }
        Returns: undefined
      }
      report_audit_cold_check: {
        Args: { p_detail?: string; p_object_id: string; p_result: string }
        Returns: undefined
      }
      request_audit_cold_release: {
        Args: { p_authority: string; p_reason?: string; p_workspace_id: string }
        Returns: string
      }
      request_audit_deletion: {
        Args: {
          p_authority: string
          p_include_events_about_user?: boolean
          p_reason?: string
          p_user_id: string
          p_workspace_id: string
        }
        Returns: string
      }
      request_audit_offboarding: {
        Args: { p_authority: string; p_reason?: string; p_workspace_id: string }
        Returns: string
      }
      request_audit_person_deletion: {
        Args: {
          p_authority: string
          p_include_events_about_user?: boolean
          p_reason?: string
          p_skip_held?: boolean
          p_user_id: string
        }
        Returns: string
      }
      request_audit_purge: {
        Args: { p_authority: string; p_reason?: string; p_workspace_id: string }
        Returns: string
      }
      restore_audit_cold_events: {
        Args: {
          p_chunk: number
          p_event_ids?: string[]
          p_events: string
          p_object_id: string
        }
        Returns: number
      }
      restore_audit_events: {
        Args: { p_event_ids: string[]; p_keep_hot?: string }
        Returns: number
      }
      resume_audit_stream: {
        Args: { p_from: string; p_name: string }
        Returns: undefined
      }
      return_audit_cold_loans: {
        Args: {
          p_approval_ticket_id: string
          p_authority: string
          p_older_than?: string
          p_workspace_id: string
        }
        Returns: { returned_count: number; deletion_log_id: string | null }
      }
      search_audit_events: {
        Args: {
          p_actions?: string[]
          p_before_event_id?: string
          p_changed_field?: string
          p_contains?: Json
          p_from?: string
          p_ip_address?: string
          p_limit?: number
          p_request_id?: string
          p_resource_id?: string
          p_resource_types?: string[]
          p_tags?: string[]
          p_text?: string
          p_to?: string
          p_user_ids?: string[]
          p_workspace_id?: string
        }
        Returns: {
          action_type: string
          changed_fields: string[] | null
          created_at: string
          created_by_user_id: string
          id: string
          ip_address: string | null
          is_archived: boolean
          metadata: Json
          new_values: Json
          old_values: Json
          request_id: string | null
          resource_id: string | null
          resource_type: string
          tags: string[] | null
          user_agent: string | null
          workspace_id: string
        }[]
      }
      store_audit_cold_object: {
        Args: { p_manifest: Json; p_object_id: string }
        Returns: undefined
      }
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
}
